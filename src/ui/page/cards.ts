import { formatScore, formatTest, plainNumber } from '../../report/format.ts'
import { type Content, type Markup, markup } from '../../report/markup.ts'
import { budgetTone, shareBar } from '../../report/svg/bars.ts'
import { legendMarker } from '../../report/svg/marks.ts'
import type { FrontMember, MetricView } from '../../report/view.ts'
import { formatPercent } from '../../util/units.ts'
import type { BoardFacts } from '../wire.ts'
import type { Bounded } from './columns.ts'
import { dataAt, fill, make } from './dom.ts'
import type { Part, Session } from './session.ts'
import { costWords } from './words.ts'

/** The boards side by side: the network that is recommended for each, by its score on test. The one that is chosen is shown below. */
export function cards(session: Session, chosen: () => void): Part {
  const node = make('div', 'cards')
  node.addEventListener('click', (event) => {
    const board = dataAt(event, 'board')
    if (board === undefined) return
    session.board = Number(board)
    update()
    chosen()
  })
  function update(): void {
    const { facts, view } = session.model
    if (!facts) return
    fill(
      node,
      facts.boards.map((board, i) => card(session, board, i, view?.metric ?? facts.metric, view?.boards[i]?.front ?? [])),
    )
  }
  return { node, update }
}

function card(session: Session, board: BoardFacts, i: number, metric: MetricView, front: readonly FrontMember[]): Markup {
  const pick = front.find((m) => m.recommended !== undefined)
  const chosen = i === session.board
  const heading = markup`<h3><button data-board="${String(i)}" aria-pressed="${String(chosen)}">${legendMarker(i)}${board.title}</button></h3>
<p class="note">${board.facts.join(' · ')}${!board.calibrated && ' · latency not calibrated'}</p>`
  if (!pick)
    return markup`<article class="card board${chosen && ' chosen'}">${heading}<p class="big none">–<small>no trained network fits yet</small></p></article>`
  return markup`<article class="card board${chosen && ' chosen'}">${heading}
<div class="lead">${headline(metric, pick)}<div class="meters">${meters(pick, board)}</div></div>
<p class="why"><a href="#/${session.study}/trial/${String(pick.trial)}?board=${board.target}">#${String(pick.trial)}</a> of ${String(front.length)} on the front: ${pick.recommended!.replaceAll(' %', '\u00a0%')}</p></article>`
}

/** The number that holds outside the study comes first; what the search chose by is told as such. */
function headline(metric: MetricView, { accuracy }: FrontMember): Markup {
  const own = markup`${formatScore(metric, accuracy.int8)} on ${metric.split}`
  const fake = metric.fake === true && ' · made up (--engine fake)'
  if (accuracy.test === null)
    return markup`<p class="big">${formatScore(metric, accuracy.int8)}<small>${metric.name} on ${metric.split}, by which it was chosen${fake || ' · not tested yet'}</small></p>`
  const range = formatTest(metric, accuracy)
  const at = range.indexOf(' (')
  return markup`<p class="big">${at < 0 ? range : range.slice(0, at)}${at >= 0 && markup`<span class="range">${range.slice(at)}</span>`}<small>${metric.name} on test${at >= 0 && ', 95 % interval'} · ${own}</small></p>`
}

function meters({ cost }: FrontMember, { budget }: BoardFacts): Content {
  const row = (name: Bounded, value: number | null, most: number | undefined, more: Content = null) =>
    value !== null &&
    markup`<span>${costWords[name].name}</span><span>${costWords[name].format(value)}${more}</span>${most === undefined ? markup`<span></span>` : shareBar(value / most, formatPercent(value / most, 0), budgetTone(value / most))}`
  const { latencyLowMs: low, latencyHighMs: high } = cost
  const interval = low !== null && high !== null && markup` <small>${plainNumber(low)} – ${plainNumber(high)}</small>`
  return [
    row('latencyMs', cost.latencyMs, budget.latencyMs, interval),
    row('ramBytes', cost.ramBytes, budget.ramBytes),
    row('flashBytes', cost.flashBytes, budget.flashBytes),
    row('energyUj', cost.energyUj, budget.energyUj),
  ]
}
