import { formatBytes } from '../../util/units.ts'
import { type Markup, markup } from '../markup.ts'
import type { LayerView, RamBlock } from '../view.ts'
import { plot } from './plot.ts'

/** The arena over time: one rectangle a buffer, from the operator that first needs it to the last; the peak is the shaded column. */
export function memoryMap(blocks: readonly RamBlock[], layers: readonly LayerView[], arenaBytes: number, title: string): Markup {
  const drawable = blocks.filter((b) => [b.offset, b.sizeBytes, b.first, b.last].every(Number.isFinite) && b.sizeBytes > 0)
  const steps = Math.max(1, layers.length, ...drawable.map((b) => b.last + 1))
  const top = Math.max(1, arenaBytes, ...drawable.map((b) => b.offset + b.sizeBytes))
  const peak = layers.find((l) => l.isPeak)
  return plot(
    {
      title,
      x: { label: 'operator, in order of execution', kind: 'linear', domain: [0, steps], ticks: Math.min(10, steps) },
      y: { label: 'arena address (kB)', kind: 'linear', domain: [0, (top / 1000) * 1.08] },
      width: 480,
      height: 300,
    },
    (x, y, area) => [
      peak &&
        markup`<rect class="peak" x="${x.at(peak.index)}" y="${area.top}" width="${x.at(peak.index + 1) - x.at(peak.index)}" height="${area.bottom - area.top}"/>`,
      drawable.map((b, i) => {
        const left = x.at(Math.max(0, b.first))
        const width = Math.max(1, x.at(b.last + 1) - left - 1)
        const height = Math.max(1, y.at(b.offset / 1000) - y.at((b.offset + b.sizeBytes) / 1000) - 1)
        const tip = `${b.label}: ${formatBytes(b.sizeBytes)} at ${formatBytes(b.offset)}, operators ${b.first} to ${b.last}`
        const fits = width > b.label.length * 6.2 + 6 && height > 14
        const upper = y.at((b.offset + b.sizeBytes) / 1000)
        return markup`<g><title>${tip}</title><rect class="block b${i % 3}" x="${left}" y="${upper}" width="${width}" height="${height}" rx="1.5"/>${fits && markup`<text class="inside" x="${left + 4}" y="${upper + height / 2 + 4}">${b.label}</text>`}</g>`
      }),
      arenaBytes > 0 &&
        markup`<g class="bound"><path d="M${area.left} ${y.at(arenaBytes / 1000)}H${area.right}"/><text x="${area.right}" y="${y.at(arenaBytes / 1000) - 4}" text-anchor="end">arena ${formatBytes(arenaBytes)}</text></g>`,
    ],
  )
}
