import { isPlain } from '../../report/format.ts'
import { type Content, type Markup, markup } from '../../report/markup.ts'
import { marker, ring, seriesClass } from '../../report/svg/marks.ts'
import { type Area, bound, plot } from '../../report/svg/plot.ts'
import { domainOf, extent, kindFor, type Scale } from '../../report/svg/scale.ts'
import { attainable } from '../../report/svg/scatter.ts'
import type { MetricView } from '../../report/view.ts'
import type { Columns } from './columns.ts'
import type { TestFacts } from './model.ts'
import type { Session } from './session.ts'
import type { Fit } from './sliders.ts'
import { costWords } from './words.ts'

/** A network as it lies in the picture; `tested` = at its score on test. */
export type Dot = { readonly n: number; readonly x: number; readonly y: number; readonly tested?: TestFacts }

export type FrontDrawing = {
  readonly svg: Markup
  readonly legend: Content
  readonly dots: readonly Dot[]
  /** Pixels of all trials that the board can hold, x and y in turn, and which of them fit. */
  readonly crowd: Float32Array
  readonly crowdFits: Uint8Array
  readonly series: number
}

export const frontHeight = 380
/** Marks of a front beyond these are not told apart. */
const marksAtMost = 150

/** Everything of the picture but the painting of the crowd. */
export function drawFront(session: Session, columns: Columns, { fits, front }: Fit, width: number): FrontDrawing {
  const { model, axis, board: series } = session
  const { metric, boards } = model.facts!
  const percent = isPlain(metric) ? 1 : 100
  const { unit, label, name } = costWords[axis]
  const cost = columns.cost[axis]
  const sign = metric.better === 'down' ? -1 : 1
  const scoreOf = (i: number) => sign * columns.good[i]! * percent
  const picked = model.view?.boards[series]?.front.find((m) => m.recommended !== undefined)?.trial
  const tested = [...model.tests.values()].flatMap((test): Tested[] => {
    const x = cost[test.trial]
    if (x === undefined || !Number.isFinite(x) || !columns.feasible[test.trial]) return []
    return [{ test, x: x / unit, y: test.int8 * percent, fits: fits[test.trial] === 1, isPicked: test.trial === picked }]
  })
  const drawn: number[] = []
  for (let i = 0; i < columns.length; i++) if (columns.feasible[i] && Number.isFinite(cost[i])) drawn.push(i)
  const { x, y, most } = axes(
    session,
    drawn.map((i) => cost[i]! / unit),
    zoomed(drawn.map(scoreOf), tested, percent, metric),
    width,
  )
  const dots: Dot[] = []
  const crowd = new Float32Array(2 * drawn.length)
  const crowdFits = new Uint8Array(drawn.length)
  const title = `${metric.name} against ${name} on ${boards[series]!.title}: ${front.length} networks on the front`
  const svg = plot({ title, x: { ...x, label }, y, width, height: frontHeight }, (sx, sy, area) => {
    drawn.forEach((i, k) => {
      const [px, py] = [sx.at(cost[i]! / unit), sy.at(scoreOf(i))]
      const inside = py <= area.bottom
      crowd[2 * k] = px
      // those below the picture lie off the canvas
      crowd[2 * k + 1] = inside ? py : 2 * frontHeight
      crowdFits[k] = fits[i]!
      if (inside) dots.push({ n: i, x: px, y: py })
    })
    const stairs = front.map((i) => ({ x: cost[i]! / unit, y: scoreOf(i) })).filter((p) => Number.isFinite(p.x))
    for (const t of tested) dots.push({ n: t.test.trial, x: sx.at(t.x), y: sy.at(t.y), tested: t.test })
    return [
      most !== undefined && bound(sx.at(most), `${name} budget`, area),
      staircase(attainable(stairs, metric.better ?? 'up'), sx, sy, area, series),
      stairs.slice(0, marksAtMost).map((p) => p.y >= y.domain[0] && marker(series, sx.at(p.x), sy.at(p.y), undefined, 3)),
      tested.map((t) => testMark(t, percent, series, sx, sy, area)),
    ]
  })
  return { svg, legend: legend(metric, tested.length > 0, series), dots, crowd, crowdFits, series }
}

function axes({ axis, board, model }: Session, xs: readonly number[], domain: [number, number], width: number) {
  const { metric, boards } = model.facts!
  const kind = kindFor(xs)
  const budget = boards[board]!.budget[axis]
  const limit = budget === undefined ? undefined : budget / costWords[axis].unit
  // a budget far beyond every network says nothing
  const most = limit !== undefined && xs.length > 0 && limit <= extent(xs)[1] * (kind === 'log' ? 3 : 1.3) ? limit : undefined
  return {
    x: { kind, domain: domainOf(most === undefined ? xs : [...xs, most], kind), ticks: Math.max(4, Math.round(width / 90)) },
    y: { label: `${metric.name}${isPlain(metric) ? '' : ' (%)'}`, kind: 'linear' as const, domain, ticks: 6 },
    most,
  }
}

/** Tested networks with their intervals in full, and of the trials all but the worst tenth. */
function zoomed(scores: readonly number[], tested: readonly Tested[], percent: number, { better }: MetricView): [number, number] {
  const sorted = [...scores].sort((a, b) => a - b)
  const kept = better === 'down' ? sorted.slice(0, Math.ceil(0.9 * sorted.length)) : sorted.slice(Math.floor(0.1 * sorted.length))
  const ends = kept.length > 0 ? [kept[0]!, kept.at(-1)!] : []
  const intervals = tested.flatMap(({ test, y }) => [y, (test.low ?? test.int8) * percent, (test.high ?? test.int8) * percent])
  return domainOf([...ends, ...intervals], 'linear', percent === 100 ? { most: 100 } : {})
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
  if (steps.length === 0) return null
  const [first, ...others] = steps.map((p) => [pixel(x.at(p.x)), pixel(Math.min(area.bottom, y.at(p.y)))] as const)
  const line = others.map(([px, py]) => `H${px}V${py}`).join('')
  return markup`<path class="step ${seriesClass(series)}" d="M${String(first![0])} ${String(first![1])}${line}H${area.right}"/>`
}

type Tested = {
  readonly test: TestFacts
  readonly x: number
  readonly y: number
  readonly fits: boolean
  readonly isPicked: boolean
}

/** A tested network: its mark on test, the interval upright, a ring where it is recommended. */
function testMark(
  { test, x, y, fits, isPicked }: Tested,
  percent: number,
  series: number,
  sx: Scale,
  sy: Scale,
  area: Area,
): Content {
  const [px, py] = [sx.at(x), sy.at(y)]
  const end = (v: number | null) => Math.max(area.top, Math.min(area.bottom, sy.at((v ?? test.int8) * percent)))
  const onLeft = px > area.right - 60
  const star = isPicked && [
    ring(series, px, py),
    markup`<text class="star" x="${px + (onLeft ? -13 : 13)}" y="${py + 4}" text-anchor="${onLeft ? 'end' : 'start'}">#${String(test.trial)}</text>`,
  ]
  return markup`<g class="${fits ? 'tested' : 'tested out'}"><path class="interval ${seriesClass(series)}" d="M${px} ${end(test.high)}V${end(test.low)}"/>${marker(series, px, py, undefined, 6)}${star}</g>`
}

const legend = (metric: MetricView, isTested: boolean, series: number): Content => [
  isTested &&
    markup`<li><svg class="key" viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true"><path class="interval ${seriesClass(series)}" d="M0 -8V8"/>${marker(series, 0, 0, undefined, 5)}</svg>on test, with its 95 % interval</li>`,
  markup`<li><svg class="key" viewBox="0 0 22 14" width="22" height="14" aria-hidden="true"><path class="step ${seriesClass(series)}" d="M0 11H8V4H22"/></svg>front of the search on ${metric.split}${isTested && ', after short trainings'}</li>`,
  markup`<li><svg class="key" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true"><rect class="m ${seriesClass(series)}" x="2" y="2" width="6" height="6"/></svg>fits</li>`,
  markup`<li><svg class="key" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true"><rect class="off" x="2" y="2" width="6" height="6"/></svg>does not</li>`,
]
