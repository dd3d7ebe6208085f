import {
  formatBattery,
  formatBytes,
  formatCount,
  formatMicrojoules,
  formatMilliseconds,
  formatPercent,
} from '../../util/units.ts'
import { byScore, formatScore, isTested, missing, plainNumber, testInterval } from '../format.ts'
import { type HtmlColumn, type HtmlRow, htmlTable } from '../html-table.ts'
import { type Markup, markup } from '../markup.ts'
import { evenly } from '../svg/scatter.ts'
import type { AccuracyView, FrontMember, MetricView, StudyView, TargetView } from '../view.ts'
import { networkAnchor } from './networks.ts'

/** Rows of a front table beyond which the middle is left to `front --json`. Fronts of polished networks are far shorter. */
const tableRows = 120

/** What a member of a board's front is called on the page: its row and its marks in every picture. */
export const rowId = (board: number, { trial }: FrontMember): string => `${board}:${trial}`

/** The members of a board's front, best first: what decides (score and costs) before what explains, so that a phone shows it. */
export function frontTable(view: StudyView, target: TargetView, board: number): Markup {
  const sorted = [...target.front].sort(byScore(view.metric))
  const some = new Set(evenly(sorted, tableRows))
  const rows = sorted.filter((m) => some.has(m) || m.recommended !== undefined)
  const tested = isTested(sorted)
  const table = htmlTable(
    columnsOf(view.metric, tested),
    rows.map((m) => tableRow(m, target, board, view.metric, tested)),
  )
  const left = sorted.length - rows.length
  const rest =
    left > 0 &&
    markup`<p class="note">${String(left)} more, evenly left out; all of them: <code>tinyfront front ${view.study} --json</code></p>`
  return markup`<details class="front"${rows.length <= 12 && markup` open`}><summary>Table of the front</summary>${table}${rest}</details>`
}

function columnsOf({ better = 'up', split }: MetricView, tested: boolean): HtmlColumn[] {
  const best = better === 'up' ? 'most' : 'least'
  const column = (title: string, by: string, first: 'least' | 'most' = 'least'): HtmlColumn => ({
    title,
    kind: 'n',
    sort: { by, first },
  })
  return [
    column('#', 'trial'),
    tested ? column('test', 'test', best) : column('int8', 'score', best),
    column('latency', 'latency'),
    column('RAM', 'ram'),
    column('flash', 'flash'),
    column('energy', 'energy'),
    column('float32', 'float', best),
    ...(tested ? [column(`${split}, which chose`, 'score', best)] : []),
    column('MACs', 'macs'),
    { title: 'genome', kind: 'wrap' },
  ]
}

/** The test with its 95 % interval. */
function testCell(metric: MetricView, accuracy: AccuracyView) {
  const interval = testInterval(metric, accuracy)
  return [formatScore(metric, accuracy.test), interval !== undefined && markup` <span class="range">${interval}</span>`]
}

function tableRow(m: FrontMember, { budget }: TargetView, board: number, metric: MetricView, tested: boolean): HtmlRow {
  const { cost, accuracy, trial } = m
  const of = (value: number, bound: number) => markup` <span class="range">${formatPercent(value / bound, 0)}</span>`
  const low = cost.latencyLowMs
  const high = cost.latencyHighMs
  return {
    ...(m.recommended !== undefined && { className: 'pick' }),
    values: {
      id: rowId(board, m),
      trial,
      score: accuracy.int8,
      latency: cost.latencyMs,
      ram: cost.ramBytes,
      flash: cost.flashBytes,
      energy: cost.energyUj,
      float: accuracy.float32,
      test: accuracy.test,
      macs: cost.macs,
    },
    cells: [
      markup`<a href="#${networkAnchor(trial)}">${m.recommended !== undefined && '★ '}${String(trial)}</a>`,
      tested ? testCell(metric, accuracy) : formatScore(metric, accuracy.int8),
      [
        formatMilliseconds(cost.latencyMs),
        low !== null && high !== null && markup` <span class="range">${plainNumber(low)} – ${plainNumber(high)}</span>`,
      ],
      [formatBytes(cost.ramBytes), of(cost.ramBytes, budget.ramBytes)],
      [formatBytes(cost.flashBytes), of(cost.flashBytes, budget.flashBytes)],
      cost.energyUj === null
        ? missing
        : [
            formatMicrojoules(cost.energyUj),
            cost.batteryDays != null && markup` <span class="range">${formatBattery(cost.batteryDays)}</span>`,
          ],
      formatScore(metric, accuracy.float32),
      ...(tested ? [formatScore(metric, accuracy.int8)] : []),
      formatCount(cost.macs),
      markup`<code>${m.genome}</code>`,
    ],
  }
}
