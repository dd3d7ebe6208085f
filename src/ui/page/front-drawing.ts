import { isPlain } from '../../report/format.ts'
import { type Content, type Markup, markup } from '../../report/markup.ts'
import { marker, ring, seriesClass } from '../../report/svg/marks.ts'
import { type Area, bound, plot } from '../../report/svg/plot.ts'
import { domainOf, kindFor, type Scale } from '../../report/svg/scale.ts'
import { attainable } from '../../report/svg/scatter.ts'
import type { MetricView } from '../../report/view.ts'
import type { Columns } from './columns.ts'
import type { TestFacts } from './model.ts'
import type { Session } from './session.ts'
import type { Fit } from './sliders.ts'
import { costWords } from './words.ts'

/** A network as it lies in the picture; `tested` = at its score on test. */
export type Dot = { readonly n: number; readonly x: number; readonly y: number; readonly tested?: TestFacts }

/** What sliders do not change: axes, scales, where every trial lies. */
export type Frame = {
  readonly axes: Markup
  readonly x: Scale
  readonly y: Scale
  readonly area: Area
  readonly width: number
  readonly percent: 1 | 100
  readonly series: number
  /** Trials that the board can hold, and where: x and y in turn; those below the picture lie off it. */
  readonly trials: Int32Array
  readonly places: Float32Array
  readonly dots: readonly Dot[]
}

export const frontHeight = 380
/** Marks of a front beyond these are not told apart. */
const marksAtMost = 100

export function frameOf({ model, axis, board: series }: Session, columns: Columns, width: number): Frame {
  const { metric, boards } = model.facts!
  const percent = isPlain(metric) ? 1 : 100
  const { unit, label, name } = costWords[axis]
  const cost = columns.cost[axis]
  const trials = columns.order.filter((i) => Number.isFinite(cost[i]))
  const scores = Array.from(trials, (i) => scoreOf(columns, i, metric) * percent)
  const tests = [...model.tests.values()].filter((t) => columns.feasible[t.trial])
  const xs = columns.range[axis].map((v) => v / unit).filter(Number.isFinite)
  const kind = kindFor(xs)
  const budget = boards[series]!.budget[axis]
  // a budget far beyond every network says nothing
  const most =
    budget !== undefined && xs.length > 0 && budget / unit <= xs[1]! * (kind === 'log' ? 3 : 1.3) ? budget / unit : undefined
  let scales: readonly [Scale, Scale, Area] | undefined
  const axes = plot(
    {
      title: `${metric.name} against ${name} on ${boards[series]!.title}`,
      x: {
        label,
        kind,
        domain: domainOf(most === undefined ? xs : [...xs, most], kind),
        ticks: Math.max(4, Math.round(width / 90)),
      },
      y: {
        label: `${metric.name}${percent === 1 ? '' : ' (%)'}`,
        kind: 'linear',
        domain: zoomed(scores, tests, percent, metric),
        ticks: 6,
      },
      width,
      height: frontHeight,
    },
    (x, y, area) => {
      scales = [x, y, area]
      return most !== undefined && bound(x.at(most), `${name} budget`, area)
    },
  )
  const [x, y, area] = scales!
  const places = new Float32Array(2 * trials.length)
  const dots: Dot[] = []
  trials.forEach((n, k) => {
    const [px, py] = [x.at(cost[n]! / unit), y.at(scores[k]!)]
    const inside = py <= area.bottom
    places[2 * k] = px
    places[2 * k + 1] = inside ? py : 2 * frontHeight
    if (inside) dots.push({ n, x: px, y: py })
  })
  for (const tested of tests)
    if (Number.isFinite(cost[tested.trial]))
      dots.push({ n: tested.trial, x: x.at(cost[tested.trial]! / unit), y: y.at(tested.int8 * percent), tested })
  return { axes, x, y, area, width, percent, series, trials, places, dots }
}

const scoreOf = ({ good }: Columns, i: number, { better }: MetricView): number => (better === 'down' ? -good[i]! : good[i]!)

/** Tested networks with their intervals in full, and of the trials all but the worst tenth. */
function zoomed(
  scores: readonly number[],
  tests: readonly TestFacts[],
  percent: number,
  { better }: MetricView,
): [number, number] {
  const sorted = [...scores].sort((a, b) => a - b)
  const tenth = Math.floor(0.1 * sorted.length)
  const kept = better === 'down' ? sorted.slice(0, sorted.length - tenth) : sorted.slice(tenth)
  const ends = kept.length > 0 ? [kept[0]!, kept.at(-1)!] : []
  const intervals = tests.flatMap(({ int8, low, high }) => [int8, low ?? int8, high ?? int8].map((v) => v * percent))
  return domainOf([...ends, ...intervals], 'linear', percent === 100 ? { most: 100 } : {})
}

/** What sliders change: the front of what fits, and which tested networks do. */
export function marksOf(session: Session, columns: Columns, frame: Frame, { fits, front }: Fit): Markup {
  const { metric } = session.model.facts!
  const { x, y, area, width, series, percent } = frame
  const cost = columns.cost[session.axis]
  const { unit } = costWords[session.axis]
  const members = front
    .map((i) => ({ x: cost[i]! / unit, y: scoreOf(columns, i, metric) * percent }))
    .filter((p) => Number.isFinite(p.x))
  const picked = session.model.view?.boards[series]?.front.find((m) => m.recommended !== undefined)?.trial
  const seen = members.filter((p) => p.y >= y.domain[0]).slice(0, marksAtMost)
  return markup`<svg class="plot" viewBox="0 0 ${width} ${frontHeight}" aria-hidden="true">${staircase(attainable(members, metric.better ?? 'up'), x, y, area, series)}
${seen.map((p) => marker(series, x.at(p.x), y.at(p.y), undefined, 3))}
${frame.dots.flatMap((dot) => (dot.tested ? [testMark(dot, dot.tested, frame, fits[dot.n] === 1, dot.n === picked)] : []))}</svg>`
}

const pixel = (v: number) => Math.round(v * 10) / 10

/** What is attainable at each cost, by the scores of the search. */
function staircase(
  steps: readonly { readonly x: number; readonly y: number }[],
  x: Scale,
  y: Scale,
  area: Area,
  series: number,
): Content {
  const [first, ...others] = steps.map((p) => [pixel(x.at(p.x)), pixel(Math.min(area.bottom, y.at(p.y)))] as const)
  if (!first) return null
  const line = others.map(([px, py]) => `H${px}V${py}`).join('')
  return markup`<path class="step ${seriesClass(series)}" d="M${first[0]} ${first[1]}${line}H${area.right}"/>`
}

/** A tested network: its mark on test, the interval upright, a ring where it is recommended. */
function testMark({ n, x, y }: Dot, test: TestFacts, frame: Frame, fits: boolean, isPicked: boolean): Markup {
  const { series, area, percent } = frame
  const end = (v: number | null) => Math.max(area.top, Math.min(area.bottom, frame.y.at((v ?? test.int8) * percent)))
  // above its interval, where no neighbour's mark lies
  const top = Math.max(area.top + 4, end(test.high) - 14)
  const star = isPicked && [
    ring(series, x, y),
    markup`<text class="star" x="${Math.min(x, area.right - 16)}" y="${Math.min(top, y - 14)}" text-anchor="middle">#${String(n)}</text>`,
  ]
  return markup`<g class="${fits ? 'tested' : 'tested out'}"><path class="interval ${seriesClass(series)}" d="M${x} ${end(test.high)}V${end(test.low)}"/>${marker(series, x, y, undefined, 6)}${star}</g>`
}

export function legendOf({ model }: Session, { series, dots }: Frame): Markup {
  const { metric } = model.facts!
  const isTested = dots.some((d) => d.tested)
  const square = (className: string) =>
    markup`<svg class="key" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true"><rect class="${className}" x="2" y="2" width="6" height="6"/></svg>`
  return markup`${
    isTested &&
    markup`<li><svg class="key" viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true"><path class="interval ${seriesClass(series)}" d="M0 -8V8"/>${marker(series, 0, 0, undefined, 5)}</svg>on test${dots.some((d) => d.tested && d.tested.low !== null) && ', with its 95 % interval'}</li>`
  }<li><svg class="key" viewBox="0 0 22 14" width="22" height="14" aria-hidden="true"><path class="step ${seriesClass(series)}" d="M0 11H8V4H22"/></svg>front of the search on ${metric.split}${isTested && ', after short trainings'}</li><li>${square(`m ${seriesClass(series)}`)}fits</li><li>${square('off')}does not</li>`
}
