import { formatBytes, formatCount, formatPercent } from '../util/units.ts'
import { formatShape, missing } from './format.ts'
import { type Column, markdownTable, type Row, type Style, type TableFormat, terminalTable } from './table.ts'
import type { NetworkView } from './view.ts'

/** The layers of a network: shapes, MACs, bytes, share of the latency, RAM in use and where it peaks. */
export function layerTable(network: Pick<NetworkView, 'layers'>, style: Style, format: TableFormat = 'terminal'): string {
  const columns: readonly Column[] = [
    { title: '#', align: 'right' },
    { title: 'operator' },
    { title: 'output', align: 'right' },
    { title: 'kernel', align: 'right', drop: 2 },
    { title: 'stride', align: 'right', drop: 3 },
    { title: 'MACs', align: 'right' },
    { title: 'weights', align: 'right' },
    { title: 'latency', align: 'right' },
    { title: '', gap: 1, drop: 4 },
    { title: 'RAM', align: 'right' },
    { title: '', gap: 1 },
  ]
  const most = Math.max(0, ...network.layers.map((l) => l.latencyShare ?? 0))
  const filled = style.glyphs === 'ascii' ? '#' : '█'
  const rows = network.layers.map((l): Row => {
    const share = l.latencyShare
    return [
      String(l.index),
      l.kind,
      formatShape(l.output),
      l.kernel ? formatShape(l.kernel) : missing,
      l.stride ? formatShape(l.stride) : missing,
      l.macs > 0 ? formatCount(l.macs) : missing,
      l.weightBytes > 0 ? formatBytes(l.weightBytes) : missing,
      share === null ? missing : formatPercent(share),
      { text: share === null || most === 0 ? '' : filled.repeat(Math.round((share / most) * 10)), tone: 'cyan' },
      l.isPeak ? { text: formatBytes(l.ramLiveBytes), tone: 'yellow' } : formatBytes(l.ramLiveBytes),
      l.isPeak ? { text: 'peak', tone: 'yellow' } : '',
    ]
  })
  return (format === 'markdown' ? markdownTable(columns, rows) : terminalTable(columns, rows, style)).join('\n')
}

/** Instructions of each operator on emulated cores. */
export function instructionTable(
  kinds: readonly string[],
  cores: readonly { readonly core: string; readonly layerInstructions: readonly (number | null)[] }[],
  style: Style,
): string {
  const columns: readonly Column[] = [
    { title: '#', align: 'right' },
    { title: 'instructions of' },
    ...cores.map(({ core }): Column => ({ title: core, align: 'right' })),
  ]
  const count = (n: number | null | undefined) => (typeof n === 'number' ? formatCount(n) : missing)
  const rows = kinds.map((kind, op): Row => [String(op), kind, ...cores.map((c) => count(c.layerInstructions[op]))])
  return terminalTable(columns, rows, style).join('\n')
}
