import { formatBytes, formatCount, formatMicrojoules, formatMilliseconds, formatPercent } from '../../util/units.ts'
import { byScore, formatScore, formatTest, isPlain, missing, plainNumber } from '../format.ts'
import { type Content, type Markup, markup } from '../markup.ts'
import { type HtmlRow, htmlTable } from '../page.ts'
import { legendMarker } from '../svg/marks.ts'
import { evenly, type ScatterPoint, scatter } from '../svg/scatter.ts'
import type { DominatedPoint, FrontMember, MetricView, StudyView, TargetView } from '../view.ts'

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

/** Rows of a front table beyond which the middle is left to `front --json`. */
const tableRows = 30

/** Fronts of all targets over each other, then each with its dominated trials, its budget and its table. */
export function fronts(view: StudyView): Content {
  return [
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
      points: pointsOf(t.front, axis, metric, named.length > 1 ? t.title : null),
    }))
    return figure(axis, metric, series, [], `${named.length} fronts`, undefined).svg
  })}</div>`

function board(view: StudyView, target: TargetView, series: number): Markup {
  const { metric } = view
  const pictures = axes.map((axis) => {
    const limit = target.budget[axis.budget]
    const faint = target.dominated.map((p) => ({ x: p[axis.key] / axis.unit, y: shown(metric, p.score) }))
    return figure(axis, metric, [{ series, points: pointsOf(target.front, axis, metric, null) }], faint, target.title, limit)
  })
  const hidden = Math.max(0, ...pictures.map((p) => p.hidden))
  return markup`<div class="card long"><h3>${legendMarker(series)}${target.title} <span class="tag">${String(target.front.length)} on the front</span>${!target.calibrated && markup`<span class="tag warn">latency not calibrated</span>`}</h3>
<p class="note">${budgetText(target)}</p>
<div class="grid three">${pictures.map((p) => p.svg)}</div>
<p class="note">Step line: the best attainable at each cost in the two dimensions shown; a member off the line earns its place in another one. Grey: ${String(target.dominated.length)} dominated trials${hidden > 0 && `, ${hidden} of them below the picture`}. Horizontal bars: 90 % interval of the latency. Ring: recommended.</p>
${frontTable(view, target)}</div>`
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

function pointsOf(front: readonly FrontMember[], axis: Axis, metric: MetricView, name: string | null): ScatterPoint[] {
  return front.flatMap((m) =>
    m.accuracy.int8 === null
      ? []
      : [
          {
            x: m.cost[axis.key] / axis.unit,
            y: shown(metric, m.accuracy.int8),
            ...(axis.key === 'latencyMs' && { xLow: m.cost.latencyLowMs, xHigh: m.cost.latencyHighMs }),
            tip: () => `${name === null ? '' : `${name}\n`}${tip(m, metric)}`,
            ...(m.recommended !== undefined && { starred: `#${m.trial}` }),
          },
        ],
  )
}

const tip = (m: FrontMember, metric: MetricView): string =>
  `#${m.trial}  ${formatScore(metric, m.accuracy.int8)} int8\n${formatMilliseconds(m.cost.latencyMs)} · RAM ${formatBytes(m.cost.ramBytes)} · flash ${formatBytes(m.cost.flashBytes)}\n${m.genome}`

function budgetText({ facts, budget }: TargetView): string {
  const parts = [`RAM ${formatBytes(budget.ramBytes)}`, `flash ${formatBytes(budget.flashBytes)}`]
  if (budget.latencyMs !== undefined) parts.push(`latency ${formatMilliseconds(budget.latencyMs)}`)
  if (budget.energyUj !== undefined) parts.push(`energy ${formatMicrojoules(budget.energyUj)}`)
  return `${facts.join(' · ')} · budget: ${parts.join(', ')}`
}

function frontTable(view: StudyView, target: TargetView): Markup {
  const sorted = [...target.front].sort(byScore(view.metric))
  const some = new Set(evenly(sorted, tableRows))
  const rows = sorted.filter((m) => some.has(m) || m.recommended !== undefined)
  const table = htmlTable(
    [
      { title: '#', kind: 'n' },
      { title: 'float32', kind: 'n' },
      { title: 'int8', kind: 'n' },
      { title: 'test (95 % interval)', kind: 'n' },
      { title: 'latency', kind: 'n' },
      { title: 'RAM', kind: 'n' },
      { title: 'flash', kind: 'n' },
      { title: 'energy', kind: 'n' },
      { title: 'MACs', kind: 'n' },
      { title: 'genome', kind: 'wrap' },
    ],
    rows.map((m) => tableRow(m, target, view.metric)),
  )
  const left = sorted.length - rows.length
  const rest =
    left > 0 &&
    markup`<p class="note">${String(left)} more, evenly left out; all of them: <code>tinyfront front ${view.study} --json</code></p>`
  return markup`<details${rows.length <= 12 && markup` open`}><summary>Table of the front</summary>${table}${rest}</details>`
}

function tableRow(m: FrontMember, { budget }: TargetView, metric: MetricView): HtmlRow {
  const { cost, accuracy } = m
  const of = (value: number, bound: number) => markup` <span class="range">${formatPercent(value / bound, 0)}</span>`
  const low = cost.latencyLowMs
  const high = cost.latencyHighMs
  return {
    ...(m.recommended !== undefined && { className: 'pick' }),
    cells: [
      [m.recommended !== undefined && '★ ', String(m.trial)],
      formatScore(metric, accuracy.float32),
      formatScore(metric, accuracy.int8),
      formatTest(metric, accuracy),
      [
        formatMilliseconds(cost.latencyMs),
        low !== null && high !== null && markup` <span class="range">${plainNumber(low)} – ${plainNumber(high)}</span>`,
      ],
      [formatBytes(cost.ramBytes), of(cost.ramBytes, budget.ramBytes)],
      [formatBytes(cost.flashBytes), of(cost.flashBytes, budget.flashBytes)],
      cost.energyUj === null ? missing : formatMicrojoules(cost.energyUj),
      formatCount(cost.macs),
      markup`<code>${m.genome}</code>`,
    ],
  }
}
