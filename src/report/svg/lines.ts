import { markup } from '../markup.ts'
import { marker, seriesClass } from './marks.ts'
import { plot } from './plot.ts'
import { domainOf } from './scale.ts'
import { evenly } from './scatter.ts'

export type LineSeries = {
  readonly series: number
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}
export type LineOptions = {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly fromZero?: true
  readonly most?: number
}

/** What only changes at events, such as a hypervolume over trials: step lines, each ending in the marker of its series. */
export function stepLines(lines: readonly LineSeries[], options: LineOptions) {
  const finite = lines.map((l) => ({ ...l, points: l.points.filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y)) }))
  const all = finite.flatMap((l) => l.points)
  const ys = all.map((p) => p.y)
  const yDomain = domainOf(options.fromZero ? [0, ...ys] : ys, 'linear', options)
  const xs = all.map((p) => p.x)
  return plot(
    {
      ...options,
      width: 480,
      height: 300,
      x: { label: options.xLabel, kind: 'linear', domain: domainOf([0, ...xs], 'linear', { margin: 0.02 }) },
      y: { label: options.yLabel, kind: 'linear', domain: yDomain },
    },
    (x, y) =>
      finite.map((l) => {
        const points = changes(l.points)
        const d = points
          .map((p, i) => `${i === 0 ? 'M' : 'H'}${round(x.at(p.x))}${i === 0 ? ' ' : 'V'}${round(y.at(p.y))}`)
          .join('')
        const end = points.at(-1)
        return markup`<path class="step ${seriesClass(l.series)}" d="${d || 'M0 0'}"><title>${l.name}</title></path>${end && marker(l.series, x.at(end.x), y.at(end.y), `${l.name}: ${Number(end.y.toPrecision(4))} after ${end.x} trials`)}`
      }),
  )
}

/** The points where the value changes, the first and the last; at most 400. */
function changes<P extends { readonly y: number }>(points: readonly P[]): readonly P[] {
  return evenly(
    points.filter((p, i) => i === 0 || i === points.length - 1 || p.y !== points[i - 1]!.y),
    400,
  )
}

const round = (v: number) => Math.round(v * 10) / 10
