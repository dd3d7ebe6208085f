import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { defaultBudget, listDevices, loadTarget, predict, type Target, totalViolation, violations } from '../../device/index.ts'
import { readTflite } from '../../export/index.ts'
import { countGraph } from '../../graph/count.ts'
import type { Graph } from '../../graph/graph.ts'
import { terminalTable } from '../../report/index.ts'
import { usageError } from '../../util/errors.ts'
import { formatBytes, formatCount, formatMicrojoules, formatMilliseconds, formatPercent } from '../../util/units.ts'
import { print, printJson, tableStyle } from '../output.ts'
import type { Run } from '../run.ts'

/** `tinyfront profile MODEL.tflite [--device all|LIST]`: what any int8 model costs on boards, which operator dominates. */
export const runProfile: Run = async ([file = ''], options) => {
  const { graph } = readTflite(readModelFile(file), file).model
  const asked = (options.device as string[] | undefined) ?? ['all']
  const targets = (asked.includes('all') ? listDevices().map((d) => d.id) : asked).map((spec) => loadTarget(spec))
  const rows = targets.map((target) => profileOn(graph, target))
  if (options.json) {
    printJson({ schemaVersion: 1, model: basename(file), ...countGraph(graph), targets: rows })
    return 0
  }
  const { macs, params } = countGraph(graph)
  print(`  ${basename(file)}: ${formatCount(macs)} MACs, ${formatCount(params)} parameters, ${graph.ops.length} operators\n`)
  const right = (title: string, drop?: number) => ({ title, align: 'right' as const, ...(drop === undefined ? {} : { drop }) })
  print(
    terminalTable(
      [
        { title: 'board' },
        { title: 'fits' },
        right('latency'),
        right('90 % interval', 2),
        right('RAM'),
        right('flash'),
        right('energy', 1),
        { title: 'dearest operator', drop: 3 },
      ],
      rows.map((r) => [
        r.target,
        r.fits ? 'yes' : { text: r.why, tone: 'red' as const },
        formatMilliseconds(r.latencyMs),
        `${formatMilliseconds(r.latencyLowMs)} – ${formatMilliseconds(r.latencyHighMs)}${r.calibrated ? '' : ' *'}`,
        formatBytes(r.ramBytes),
        formatBytes(r.flashBytes),
        r.energyUj === null ? '–' : formatMicrojoules(r.energyUj),
        `${r.dearest.kind} ${r.dearest.index} (${formatPercent(r.dearest.share, 0)})`,
      ]),
      tableStyle(),
    ).join('\n'),
  )
  if (rows.some((r) => !r.calibrated)) print('\n  * not calibrated: no measurement of this board and runtime stands behind it')
  return 0
}

function readModelFile(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw usageError(
      `${file}: cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      'give the path of an int8 .tflite file',
      cause,
    )
  }
}

function profileOn(graph: Graph, target: Target) {
  const { perOp, ...cost } = predict(graph, target)
  const budget = defaultBudget(target)
  const over = violations(cost, budget)
  const total = perOp.reduce((sum, op) => sum + op.latencyMs, 0)
  const dearest = perOp.reduce((best, op, i) => (op.latencyMs > perOp[best]!.latencyMs ? i : best), 0)
  const misses = (['ram', 'flash'] as const).filter((k) => over[k] > 0).map((k) => `${k} ${formatPercent(over[k], 0)} over`)
  return {
    target: target.id,
    fits: totalViolation(over) === 0,
    why: misses.join(', '),
    ...cost,
    rows: target.latency.rows,
    dearest: { index: dearest, kind: graph.ops[dearest]!.kind, share: total > 0 ? perOp[dearest]!.latencyMs / total : 0 },
    perOp: perOp.map((op, i) => ({ index: i, kind: graph.ops[i]!.kind, ...op })),
  }
}
