import { formatCount, formatPercent, formatSeconds } from '../../util/units.ts'
import { formatScore, goodness, isPlain, plainNumber } from '../format.ts'
import { type Content, type Markup, markup } from '../markup.ts'
import { stackedBar } from '../svg/bars.ts'
import { stepLines } from '../svg/lines.ts'
import { dots, marker } from '../svg/marks.ts'
import { plot } from '../svg/plot.ts'
import { domainOf } from '../svg/scale.ts'
import type { HistoryPoint, MetricView, StudyView } from '../view.ts'
import { frontLegend } from './fronts.ts'

/** How the search went: hypervolume and scores over trials, and where the time of the workers went. */
export function searchSection(view: StudyView): Content {
  const { idleShare, count, wallSeconds } = view.workers
  return [
    markup`<div class="card"><div class="grid two">
<figure><h3>Hypervolume over trials</h3>${hypervolumes(view)}${view.targets.length > 1 && frontLegend(view.targets)}<figcaption>Share of the space between each board's stored reference point and the ideal that its front dominates; larger is better. It only ever grows; a long flat end says that more trials will bring little.</figcaption></figure>
<figure><h3>Score of every trial</h3>${history(view.history, view.metric)}<figcaption>Dots: trained trials (int8, ${view.metric.split}). Line: best so far. At the bottom: ${String(view.trials.infeasible)} that no board can hold (grey, never trained) and ${String(view.trials.failed)} failed (red).</figcaption></figure>
</div></div>`,
    markup`<div class="card"><h3>Where the workers' time went</h3>${view.timing.length > 0 && stackedBar(view.timing, "Shares of the workers' time")}
<ul class="facts"><li>workers <b>${String(count)}</b></li>${idleShare !== null && markup`<li>idle in the search <b>${formatPercent(idleShare)}</b></li>`}${wallSeconds !== null && markup`<li>wall time <b>${formatSeconds(wallSeconds)}</b></li><li>trained trials an hour <b>${plainNumber(wallSeconds > 0 ? (view.trials.trained / wallSeconds) * 3600 : 0)}</b></li>`}</ul></div>`,
  ]
}

const hypervolumes = (view: StudyView): Markup =>
  stepLines(
    view.targets.map((t, i) => ({
      series: i,
      name: t.title,
      points: t.hypervolumeOverTrials.map((p) => ({ x: p.trial, y: p.value })),
    })),
    { title: 'Hypervolume over trials', xLabel: 'trial', yLabel: 'hypervolume', fromZero: true, most: 1 },
  )

/** Trained trials that set a record carry a tooltip; the others are dots. */
function history(points: readonly HistoryPoint[], metric: MetricView): Markup {
  const percent = isPlain(metric) ? 1 : 100
  const trained = points.filter((p) => p.score !== null)
  const records: HistoryPoint[] = []
  for (const p of trained)
    if (records.length === 0 || goodness(metric, p.score!) > goodness(metric, records.at(-1)!.score!)) records.push(p)
  return plot(
    {
      title: 'Score of every trial in order',
      width: 480,
      height: 300,
      x: {
        label: 'trial',
        kind: 'linear',
        domain: domainOf([0, ...points.map((p) => p.n)], 'linear', { margin: 0.02 }),
      },
      y: {
        label: `${metric.name}, int8${percent === 100 ? ' (%)' : ''}`,
        kind: 'linear',
        domain: domainOf(
          trained.map((p) => p.score! * percent),
          'linear',
          { margin: 0.08, ...(percent === 100 && { most: 100 }) },
        ),
      },
    },
    (x, y, area) => {
      const at = (p: HistoryPoint) => [x.at(p.n), y.at(p.score! * percent)] as const
      const edge = (state: HistoryPoint['state'], up: number) =>
        points.filter((p) => p.state === state).map((p) => [x.at(p.n), area.bottom - up] as const)
      const line = records.map(
        (p, i) => `${i === 0 ? 'M' : 'H'}${at(p)[0].toFixed(1)}${i === 0 ? ' ' : 'V'}${at(p)[1].toFixed(1)}`,
      )
      return [
        dots(trained.map(at), 'faint'),
        dots(edge('infeasible', 4), 'miss-dots', 2),
        dots(edge('failed', 8), 'fail-dots', 2),
        records.length > 0 && markup`<path class="step c0" d="${line.join('')}H${area.right}"/>`,
        records.map((p) => marker(0, ...at(p), recordTip(p, metric), 3.5)),
      ]
    },
  )
}

const recordTip = (p: HistoryPoint, metric: MetricView): string =>
  `#${p.n}  ${formatScore(metric, p.score)}, best so far\n${formatCount(p.macs)} MACs · ${formatCount(p.params)} parameters${p.seconds === null ? '' : ` · ${formatSeconds(p.seconds)}`}\n${p.genomeText}`
