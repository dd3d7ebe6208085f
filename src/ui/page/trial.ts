import { formatScore, formatTest, missing, plainNumber } from '../../report/format.ts'
import { htmlTable } from '../../report/html-table.ts'
import { type Content, type Markup, markup } from '../../report/markup.ts'
import { curve, formats, layers, proof, steps } from '../../report/sections/networks.ts'
import { budgetTone, shareBar } from '../../report/svg/bars.ts'
import { legendMarker } from '../../report/svg/marks.ts'
import { memoryMap } from '../../report/svg/memory-map.ts'
import type { FrontMember, MetricView } from '../../report/view.ts'
import { formatBytes, formatCount, formatMicrojoules, formatMilliseconds, formatPercent } from '../../util/units.ts'
import type { TrialPage } from '../wire.ts'
import { get } from './api.ts'
import { fill, find, make, reachable } from './dom.ts'
import { exporter } from './exporter.ts'
import type { Model } from './model.ts'
import { predictionsPart } from './predictions.ts'
import type { Session } from './session.ts'

/** One trial, opened: its scores, every board, how it was made, layers, memory, what it confuses, and its export. */
export async function trialPart(
  session: Session,
  n: number,
  board: string | undefined,
  signal: AbortSignal,
): Promise<HTMLElement> {
  const { study, model } = session
  const query = board === undefined ? '' : `?board=${encodeURIComponent(board)}`
  const page = await get<TrialPage>(`/api/studies/${study}/trials/${n}${query}`, signal)
  const metric = model.view?.metric ?? model.facts!.metric
  const node = make('main', 'trial')
  fill(
    node,
    markup`<p class="back"><a href="#/${study}">← all trials</a></p>
<div class="title"><h2>Network #${String(n)}</h2>${recommendedFor(model, n).map((t) => markup`<span class="tag star">★ ${t}</span>`)}${page.trial.state !== 'trained' && markup`<span class="tag warn">${page.trial.state}</span>`}</div>
<p class="mono">${page.trial.text}</p>
${page.trial.reason !== null && markup`<p class="note">${page.trial.reason}</p>`}
<section class="card">${scores(page.member, metric, model.facts!.metric, page.trial.score)}${boards(study, model, page)}</section>
<section class="card export"></section>
${page.network && opened(page, page.network, metric)}
<section class="card predictions"></section>`,
  )
  reachable(node)
  find(node, '.export').append(exporter(study, n, page))
  find(node, '.predictions').append(predictionsPart(study, n, page, signal))
  return node
}

const recommendedFor = ({ view }: Model, n: number): string[] =>
  (view?.boards ?? []).flatMap((b) => (b.front.some((m) => m.trial === n && m.recommended !== undefined) ? [b.target] : []))

/** Test first: it is the score that nothing was chosen by. */
function scores({ accuracy, cost }: FrontMember, metric: MetricView, searched: MetricView, score: number | null): Markup {
  const isTested = accuracy.test !== null
  const figures: readonly (readonly [string, string])[] = [
    isTested
      ? [formatTest(metric, accuracy), `${metric.name} on test${accuracy.testLow === null ? '' : ', 95 % interval'}`]
      : [missing, 'test: only polished networks are tested'],
    ...(isTested ? [[formatScore(metric, accuracy.int8), `int8 on ${metric.split}`] as const] : []),
    [formatScore(searched, score), `int8 on ${searched.split}`],
    [formatScore(metric, accuracy.float32), 'float32'],
    [formatCount(cost.macs), 'MACs'],
    [formatCount(cost.params), 'parameters'],
  ]
  return markup`<ul class="figures">${figures.map(([value, name]) => markup`<li><b>${value}</b><span>${name}</span></li>`)}</ul>`
}

function boards(study: string, { facts }: Model, { trial, board }: TrialPage): Markup {
  const share = (value: number | null, most: number | undefined, format: (x: number) => string): Content =>
    value === null
      ? missing
      : most === undefined
        ? format(value)
        : shareBar(value / most, `${format(value)} · ${formatPercent(value / most, 0)}`, budgetTone(value / most))
  return htmlTable(
    [
      { title: 'board' },
      { title: 'latency', kind: 'n' },
      { title: '90 % interval', kind: 'n' },
      { title: 'RAM', kind: 'bar' },
      { title: 'flash', kind: 'bar' },
      { title: 'energy', kind: 'n' },
      { title: 'fits' },
    ],
    facts!.boards.map((b, i) => {
      const [latency, low, high, ram, flash, energy, violation] = trial.costs[i]!
      const known = (x: number | null | undefined): number | null => x ?? null
      return {
        ...(b.target === board && { className: 'pick' }),
        cells: [
          markup`${legendMarker(i)} <a href="#/${study}/trial/${String(trial.n)}?board=${b.target}">${b.title}</a>`,
          latency === null || latency === undefined ? missing : formatMilliseconds(latency),
          typeof low === 'number' && typeof high === 'number' ? `${plainNumber(low)} – ${plainNumber(high)} ms` : missing,
          share(known(ram), b.budget.ramBytes, formatBytes),
          share(known(flash), b.budget.flashBytes, formatBytes),
          typeof energy === 'number' ? formatMicrojoules(energy) : missing,
          violation === 0
            ? markup`<span class="yes">fits</span>`
            : markup`<span class="no">over by ${formatPercent(violation ?? 0, 0)}</span>`,
        ],
      }
    }),
  )
}

function opened(page: TrialPage, net: NonNullable<TrialPage['network']>, metric: MetricView): Markup {
  return markup`<div class="grid two">
<section class="card"><h3>How it was made</h3>${net.steps.length > 0 ? steps(net, metric) : markup`<p class="note">It was not trained.</p>`}${net.curve.length > 1 && curve(metric, net)}${proof(net)}</section>
<section class="card"><h3>Arena over time</h3>${memoryMap(net.ramMap, net.layers, net.arenaBytes, `Arena of network #${net.trial} over time`)}<p class="note">Shaded: the operator where RAM peaks. Only a lower peak makes the arena smaller.</p>${formats(net)}</section>
</div>
<section class="card"><h3>Layers <small>on ${page.board}</small></h3>${layers(net)}</section>`
}
