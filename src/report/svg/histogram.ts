import { type Markup, markup } from '../markup.ts'
import { plot } from './plot.ts'
import { extent } from './scale.ts'

/** How often values lie where: at most `bins` bars of equal width. */
export function histogram(
  values: readonly number[],
  { title, xLabel, bins = 30 }: { readonly title: string; readonly xLabel: string; readonly bins?: number },
): Markup {
  const finite = values.filter(Number.isFinite)
  const [low, high] = finite.length === 0 ? [0, 1] : extent(finite)
  const width = (high - low) / bins
  const counts = new Array<number>(bins).fill(0)
  for (const v of finite) counts[width > 0 ? Math.min(bins - 1, Math.floor((v - low) / width)) : 0]!++
  const room = width > 0 ? 0 : Math.abs(low) * 0.05 || 1
  return plot(
    {
      title,
      width: 480,
      height: 220,
      x: { label: xLabel, kind: 'linear', domain: [Math.max(low >= 0 ? 0 : low - room, low - room), high + room] },
      y: { label: 'examples', kind: 'linear', domain: [0, Math.max(1, ...counts) * 1.05] },
    },
    (x, y, area) =>
      counts.map((n, k) => {
        if (n === 0) return null
        const [left, right] = width > 0 ? [x.at(low + k * width), x.at(low + (k + 1) * width)] : [x.at(low) - 8, x.at(low) + 8]
        const range = width > 0 ? `${short(low + k * width)} to ${short(low + (k + 1) * width)}` : short(low)
        return markup`<g><title>${range}: ${String(n)}</title><rect class="m c0" x="${left}" y="${y.at(n)}" width="${Math.max(1, right - left - 1)}" height="${area.bottom - y.at(n)}"/></g>`
      }),
  )
}

const short = (x: number): string => String(Number(x.toPrecision(3)))
