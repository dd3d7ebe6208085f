import { formatBytes, formatMicrojoules, formatMilliseconds } from '../../util/units.ts'
import { formatScore, formatTest, isPlain } from '../format.ts'
import { type Content, type Markup, markup } from '../markup.ts'
import { legendMarker } from '../svg/marks.ts'
import { type ScatterPoint, scatter } from '../svg/scatter.ts'
import type { DominatedPoint, FrontMember, MetricView, StudyView, TargetView } from '../view.ts'
import { filterBar } from './filter.ts'
import { frontTable, rowId } from './front-table.ts'

/** The three costs a front is drawn against. */
const axes = [
  { key: 'latencyMs', name: 'latency', label: 'latency (ms)', unit: 1, budget: 'latencyMs' },
  { key: 'ramBytes', name: 'RAM', label: 'RAM (kB)', unit: 1e3, budget: 'ramBytes' },
  { key: 'flashBytes', name: 'flash', label: 'flash (kB)', unit: 1e3, budget: 'flashBytes' },
] as const
type Axis = (typeof axes)[number]

export type NamedFront = Pick<TargetView, 'front' | 'budget'> & {
  readonly title: string
  readonly dominated?: readonly DominatedPoint[]
}

/** Fronts of all targets over each other, then each with its dominated trials, its budget and its table. */
export function fronts(view: StudyView): Content {
  return [
    view.targets.some((t) => t.front.length > 0) && filterBar(view),
    view.targets.length > 1 &&
      markup`<div class="card"><h3>All boards</h3>${frontLegend(view.targets)}${overlay(view.targets, view.metric)}</div>`,
    view.targets.map((target, i) => board(view, target, i)),
  ]
}

export const frontLegend = (named: readonly { readonly title: string }[]): Markup =>
  markup`<ul class="legend">${named.map((t, i) => markup`<li>${legendMarker(i)}${t.title}</li>`)}</ul>`

/** Small multiples: score against latency, RAM and flash, all fronts in each. */
export const overlay = (named: readonly NamedFront[], metric: MetricView): Markup =>
  markup`<div class="grid three">${axes.map((axis) => {
    const series = named.map((t, i) => ({
      series: i,
      points: pointsOf(t.front, axis, metric, i, named.length > 1 ? t.title : null),
    }))
    return figure(axis, metric, series, [], `${named.length} fronts`, undefined).svg
  })}</div>`

function board(view: StudyView, target: TargetView, series: number): Markup {
  const { metric } = view
  const pictures = axes.map((axis) => {
    const limit = target.budget[axis.budget]
    const faint = target.dominated.map((p) => ({ x: p[axis.key] / axis.unit, y: shown(metric, p.score) }))
    return figure(
      axis,
      metric,
      [{ series, points: pointsOf(target.front, axis, metric, series, null) }],
      faint,
      target.title,
      limit,
    )
  })
  const hidden = Math.max(0, ...pictures.map((p) => p.hidden))
  return markup`<div class="card long"><h3>${legendMarker(series)}${target.title} <span class="tag">${String(target.front.length)} on the front</span>${!target.calibrated && markup`<span class="tag warn">latency not calibrated</span>`}</h3>
<p class="note">${budgetText(target)}</p>
<div class="grid three">${pictures.map((p) => p.svg)}</div>
<p class="note">Step line: the best attainable at each cost in the two dimensions shown; a member off the line earns its place in another one. Grey: ${String(target.dominated.length)} dominated trials${hidden > 0 && `, ${hidden} of them below the picture`}. Horizontal bars: 90 % interval of the latency. Ring: recommended.</p>
${frontTable(view, target, series)}</div>`
}

function figure(
  axis: Axis,
  metric: MetricView,
  series: Parameters<typeof scatter>[0],
  faint: Parameters<typeof scatter>[1],
  whose: string,
  limit: number | undefined,
) {
  const unit = isPlain(metric) ? '' : ' (%)'
  return scatter(series, faint, {
    title: `${metric.name} against ${axis.name}: ${whose}`,
    description: `Each mark is a network of the Pareto front; ${metric.name} is of the int8 network on ${metric.split}.`,
    xLabel: axis.label,
    yLabel: `${metric.name}, int8${unit}`,
    better: metric.better ?? 'up',
    ...(metric.better !== 'down' && { most: 100 }),
    ...(limit !== undefined && { bound: { x: limit / axis.unit, text: `${axis.name} budget` } }),
  })
}

/** Shares are drawn in percent. */
const shown = (metric: MetricView, score: number) => (isPlain(metric) ? score : score * 100)

function pointsOf(
  front: readonly FrontMember[],
  axis: Axis,
  metric: MetricView,
  board: number,
  name: string | null,
): ScatterPoint[] {
  return front.flatMap((m) =>
    m.accuracy.int8 === null
      ? []
      : [
          {
            x: m.cost[axis.key] / axis.unit,
            y: shown(metric, m.accuracy.int8),
            ...(axis.key === 'latencyMs' && { xLow: m.cost.latencyLowMs, xHigh: m.cost.latencyHighMs }),
            id: rowId(board, m),
            tip: () => `${name === null ? '' : `${name}\n`}${tip(m, metric)}`,
            ...(m.recommended !== undefined && { starred: `#${m.trial}` }),
          },
        ],
  )
}

function tip({ trial, accuracy, cost, genome }: FrontMember, metric: MetricView): string {
  const chosen = formatScore(metric, accuracy.int8)
  const scores = accuracy.test === null ? `${chosen} int8` : `${formatTest(metric, accuracy)} test, ${chosen} where it was chosen`
  return `#${trial}  ${scores}\n${formatMilliseconds(cost.latencyMs)} · RAM ${formatBytes(cost.ramBytes)} · flash ${formatBytes(cost.flashBytes)}\n${genome}`
}

function budgetText({ facts, budget }: TargetView): string {
  const parts = [`RAM ${formatBytes(budget.ramBytes)}`, `flash ${formatBytes(budget.flashBytes)}`]
  if (budget.latencyMs !== undefined) parts.push(`latency ${formatMilliseconds(budget.latencyMs)}`)
  if (budget.energyUj !== undefined) parts.push(`energy ${formatMicrojoules(budget.energyUj)}`)
  return `${facts.join(' · ')} · budget: ${parts.join(', ')}`
}
