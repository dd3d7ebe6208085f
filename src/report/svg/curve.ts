import { formatSeconds } from '../../util/units.ts'
import { formatScore, isPlain } from '../format.ts'
import { type Markup, markup } from '../markup.ts'
import type { CurvePoint, MetricView } from '../view.ts'
import { marker, seriesClass } from './marks.ts'
import { plot } from './plot.ts'
import { domainOf } from './scale.ts'

/** The splits that a network is scored on while it is made, in order: the colour and shape of each is that of its place here. */
export const curveSplits = ['search-validation', 'selection-validation'] as const satisfies readonly CurvePoint['split'][]

/** Learning curve: the score of a network over the seconds that it was trained, a line for each split that it was scored on. */
export function learningCurve(points: readonly CurvePoint[], metric: MetricView, title: string): Markup {
  const drawable = points.filter((p) => Number.isFinite(p.seconds) && Number.isFinite(p.score))
  const unit = isPlain(metric) ? 1 : 100
  const scores = drawable.map((p) => p.score * unit)
  return plot(
    {
      title,
      width: 480,
      height: 240,
      x: {
        label: 'seconds of training',
        kind: 'linear',
        domain: domainOf([0, ...drawable.map((p) => p.seconds)], 'linear', { margin: 0.03 }),
      },
      y: {
        label: `${metric.name}${unit === 100 ? ' (%)' : ''}`,
        kind: 'linear',
        domain: domainOf(scores, 'linear', { margin: 0.08, ...(unit === 100 && { most: 100 }) }),
      },
    },
    (x, y) =>
      curveSplits.map((split, series) => {
        const line = drawable.filter((p) => p.split === split)
        const d = line.map((p, i) => `${i === 0 ? 'M' : 'L'}${round(x.at(p.seconds))} ${round(y.at(p.score * unit))}`).join('')
        return [
          line.length > 1 && markup`<path class="step ${seriesClass(series)}" d="${d}"/>`,
          line.map((p) => marker(series, x.at(p.seconds), y.at(p.score * unit), tip(p, metric), 3.5)),
        ]
      }),
  )
}

const tip = ({ step, round: polish, split, score, seconds }: CurvePoint, metric: MetricView): string =>
  `${polish === null ? '' : polish === 0 ? 'polish: ' : `polish, round ${polish}: `}${step}, ${formatScore(metric, score)} on ${split}\nafter ${formatSeconds(seconds)}`

const round = (v: number) => Math.round(v * 10) / 10
