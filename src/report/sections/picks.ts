import { formatBytes, formatCount, formatMicrojoules, formatMilliseconds, formatPercent } from '../../util/units.ts'
import { formatScore, formatTest, plainNumber } from '../format.ts'
import { type Content, type Markup, markup } from '../markup.ts'
import { recommendationRule } from '../recommend.ts'
import { budgetTone, shareBar } from '../svg/bars.ts'
import { legendMarker } from '../svg/marks.ts'
import type { FrontMember, StudyView, TargetView } from '../view.ts'

/** The headline: one card a target with the recommended network, how much of the board it takes and why it was picked. */
export function picks(view: StudyView): Content {
  return [
    markup`<div class="grid picks">${view.targets.map((target, i) => card(view, target, i))}</div>`,
    markup`<p class="note">${recommendationRule}</p>`,
  ]
}

function card(view: StudyView, target: TargetView, series: number): Markup {
  const pick = target.front.find((m) => m.recommended !== undefined)
  const heading = markup`<h3>${legendMarker(series)}${target.title} ${!target.calibrated && markup`<span class="tag warn">latency not calibrated</span>`}</h3><p class="note">${target.facts.join(' · ')}</p>`
  if (!pick) return markup`<div class="card">${heading}<p>No trained network fits this board within its budget.</p></div>`
  return markup`<div class="card">${heading}
<p class="big">${formatScore(view.metric, pick.accuracy.int8)} <small>${view.metric.name}, int8, ${view.metric.split}</small></p>
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

const scores = (view: StudyView, m: FrontMember): Markup =>
  markup`<ul class="facts"><li>float32 <b>${formatScore(view.metric, m.accuracy.float32)}</b></li><li>test <b>${formatTest(view.metric, m.accuracy)}</b></li></ul>`
