import { formatBytes, formatCount, formatMicrojoules, formatMilliseconds, formatPercent } from '../../util/units.ts'
import { formatScore, optimismText, plainNumber } from '../format.ts'
import { type Content, type Markup, markup } from '../markup.ts'
import { recommendationRule } from '../recommend.ts'
import { budgetTone, shareBar } from '../svg/bars.ts'
import { legendMarker } from '../svg/marks.ts'
import type { FrontMember, MetricView, StudyView, TargetView } from '../view.ts'

/** The headline: one card a target with the recommended network, how much of the board it takes and why it was picked. */
export function picks(view: StudyView): Content {
  return [
    markup`<div class="grid picks">${view.targets.map((target, i) => card(view, target, i))}</div>`,
    view.optimism && markup`<p class="note">${optimismText(view.metric, view.optimism)}.</p>`,
    markup`<p class="note">${recommendationRule}</p>`,
  ]
}

function card(view: StudyView, target: TargetView, series: number): Markup {
  const pick = target.front.find((m) => m.recommended !== undefined)
  const heading = markup`<h3>${legendMarker(series)}${target.title} ${!target.calibrated && markup`<span class="tag warn">latency not calibrated</span>`}</h3><p class="note">${target.facts.join(' · ')}</p>`
  if (!pick) return markup`<div class="card">${heading}<p>No trained network fits this board within its budget.</p></div>`
  return markup`<div class="card">${heading}
<p class="big">${headline(view.metric, pick)}</p>
<div class="meters">${meters(pick, target)}</div>
${scores(view, pick)}
<p class="why"><b>Network #${String(pick.trial)}</b>: ${pick.recommended!.replaceAll(' %', '\u00a0%')}.<br><code>${pick.genome}</code></p></div>`
}

function meters(m: FrontMember, { budget }: TargetView): Content {
  const row = (name: string, figure: string, share: number | null) => [
    markup`<span>${name}</span><span>${figure}</span>`,
    share === null ? markup`<span></span>` : shareBar(share, formatPercent(share, 0), budgetTone(share)),
  ]
  const { cost } = m
  return [
    row('latency', formatMilliseconds(cost.latencyMs), budget.latencyMs === undefined ? null : cost.latencyMs / budget.latencyMs),
    cost.latencyLowMs !== null &&
      cost.latencyHighMs !== null && [
        markup`<small>90 % interval</small><small>${plainNumber(cost.latencyLowMs)} – ${plainNumber(cost.latencyHighMs)} ms</small><span></span>`,
      ],
    row('RAM', formatBytes(cost.ramBytes), cost.ramBytes / budget.ramBytes),
    row('flash', formatBytes(cost.flashBytes), cost.flashBytes / budget.flashBytes),
    cost.energyUj !== null &&
      row('energy', formatMicrojoules(cost.energyUj), budget.energyUj === undefined ? null : cost.energyUj / budget.energyUj),
    row('work', `${formatCount(cost.macs)} MACs`, null),
  ]
}

/** The honest number leads: the test with its interval, where the network was tested. */
function headline(metric: MetricView, { accuracy }: FrontMember): Markup {
  if (accuracy.test === null)
    return markup`${formatScore(metric, accuracy.int8)} <small>${metric.name}, int8, ${metric.split}</small>`
  const { testLow: low, testHigh: high } = accuracy
  const interval = low === null || high === null ? '' : `, ${formatScore(metric, low)} to ${formatScore(metric, high)}`
  return markup`${formatScore(metric, accuracy.test)} <small>${metric.name}, int8, test${interval}</small>`
}

const scores = (view: StudyView, { accuracy }: FrontMember): Markup =>
  markup`<ul class="facts">${accuracy.test !== null && markup`<li>${view.metric.split}, which chose <b>${formatScore(view.metric, accuracy.int8)}</b></li>`}<li>float32 <b>${formatScore(view.metric, accuracy.float32)}</b></li></ul>`
