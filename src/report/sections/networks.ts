import { formatBytes, formatCount, formatPercent } from '../../util/units.ts'
import { formatDuration, formatScore, formatShape, isPlain, missing } from '../format.ts'
import { htmlTable } from '../html-table.ts'
import { type Content, type Markup, markup } from '../markup.ts'
import { shareBar } from '../svg/bars.ts'
import { curveSplits, learningCurve } from '../svg/curve.ts'
import { heatmap, heatmapLimit } from '../svg/heatmap.ts'
import { legendMarker } from '../svg/marks.ts'
import { memoryMap } from '../svg/memory-map.ts'
import type { Confusion, MetricView, NetworkView, StudyView } from '../view.ts'

/** Where a network stands on the page. */
export const networkAnchor = (trial: number): string => `network-${trial}`

/** The chosen networks, opened: how they were made, what each layer costs, where the RAM peaks, what they confuse, what was proved. */
export const networks = (view: StudyView): Content =>
  view.chosen.length > 0 && [
    view.chosen.length > 1 &&
      markup`<p class="chips" aria-label="networks">${view.chosen.map((n) => markup`<a href="#${networkAnchor(n.trial)}">#${String(n.trial)}${picksOf(view, n).length > 0 && ' ★'}</a>`)}</p>`,
    view.chosen.map((n) => network(view, n)),
  ]

/** Places of the boards for which the network is recommended. */
const picksOf = (view: StudyView, { trial }: NetworkView): number[] =>
  view.targets.flatMap((t, i) => (t.front.some((m) => m.trial === trial && m.recommended !== undefined) ? [i] : []))

function network(view: StudyView, net: NetworkView): Markup {
  const keys = net.targets.map((t) => view.targets.findIndex((known) => known.target === t)).filter((i) => i >= 0)
  const recommended = picksOf(view, net)
  const titles = recommended.map((i) => view.targets[i]!.target).join(', ')
  return markup`<details class="card long network" id="${networkAnchor(net.trial)}"${recommended.length > 0 && markup` open`}><summary><h3>Network #${String(net.trial)} ${keys.map(legendMarker)} <span class="tag">${net.targets.join(', ')}</span>${recommended.length > 0 && markup`<span class="tag star">★ ${titles}</span>`}</h3></summary>
<div class="grid two"><div><h4>How it was made</h4>${steps(net, view.metric)}${formats(net)}${proof(net)}${files(view, net)}</div>
<div><figure><h4>Arena over time</h4>${memoryMap(net.ramMap, net.layers, net.arenaBytes, `Arena of network #${net.trial} over time`)}<figcaption>Shaded: the operator where RAM peaks. Only a lower peak makes the arena smaller.</figcaption></figure>
${net.curve.length > 1 && curve(view.metric, net)}</div></div>
<h4>Layers</h4>${layers(net)}
${net.confusion && confusion(net.confusion)}</details>`
}

export function curve(metric: MetricView, net: NetworkView): Markup {
  const splits = curveSplits.map((split, i) => ({ split, i })).filter(({ split }) => net.curve.some((p) => p.split === split))
  return markup`<figure><h4>Learning curve</h4>${learningCurve(net.curve, metric, `Learning curve of network #${net.trial}`)}<ul class="legend">${splits.map(({ split, i }) => markup`<li>${legendMarker(i)}${split}, ${i === 0 ? 'in the search' : 'in polish'}</li>`)}</ul></figure>`
}

/** Paths lie below the report's own folder, and nothing but such a path becomes a link. */
function files(view: StudyView, net: NetworkView): Content {
  const command = `tinyfront export ${view.study} ${net.trial} --format c`
  const safe = net.files.filter(({ path }) => /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(path))
  return [
    markup`<h4>Files</h4>`,
    safe.length > 0 &&
      markup`<ul class="files">${safe.map((f) => markup`<li><a href="${f.path}">${f.name}</a> <small>${formatBytes(f.bytes)}</small></li>`)}</ul>`,
    markup`<pre>${command}</pre>`,
  ]
}

export function steps(net: NetworkView, metric: MetricView): Markup {
  return htmlTable(
    [
      { title: 'step' },
      { title: metric.name, kind: 'n' },
      { title: 'change', kind: 'n' },
      { title: 'weights', kind: 'n' },
      { title: 'MACs', kind: 'n' },
      { title: 'time', kind: 'n' },
    ],
    net.steps.map((s, i) => {
      const before = net.steps.slice(0, i).findLast((p) => p.score !== null)?.score ?? null
      return {
        cells: [
          s.step,
          formatScore(metric, s.score),
          change(metric, before, s.score),
          formatBytes(s.bytes),
          formatCount(s.macs),
          formatDuration(s.milliseconds),
        ],
      }
    }),
  )
}

/** What the parameters would weigh in other formats. Sparse or shared weights save nothing in the kernels of a microcontroller, only in a compressed image. */
export const formats = ({ weightBytes: w }: NetworkView): Markup =>
  markup`<p class="note">Parameters: ${formatBytes(w.float32)} in float32, ${formatBytes(w.float16)} in float16, ${formatBytes(w.dynamicRange)} with int8 weights alone, <b>${formatBytes(w.int8)} in int8</b>${
    w.coded === null || w.clustered === null || w.sparse === null
      ? '.'
      : `. Kernels in a compressed image, Huffman-coded: ${formatBytes(w.coded)}, with 16 shared values each ${formatBytes(w.clustered)}, with half of the weights zero ${formatBytes(w.sparse)}; export --cluster and --sparsity say what accuracy that leaves.`
  }</p>`

/** "-0.4" in points for shares, in the metric's own unit for errors. */
function change(metric: MetricView, before: number | null, after: number | null): string {
  if (before === null || after === null) return missing
  const delta = isPlain(metric) ? after - before : (after - before) * 100
  return `${delta >= 0 ? '+' : '−'}${Math.abs(delta).toFixed(isPlain(metric) ? 3 : 1)}`
}

/** Only what was found equal is ticked. A journal may say anything. */
const proofClasses = new Map<string, string>([
  ['equal', 'equal'],
  ['different', 'different'],
])

export const proof = (net: NetworkView): Content =>
  net.verification.length > 0
    ? markup`<h4>Verification</h4><ul class="proof">${net.verification.map(({ status, text }) => markup`<li class="${proofClasses.get(status) ?? 'open'}">${text}</li>`)}</ul>`
    : markup`<p class="note">Not verified on the exported file yet.</p>`

export function layers(net: NetworkView): Markup {
  const most = Math.max(1, ...net.layers.map((l) => l.ramLiveBytes))
  return htmlTable(
    [
      { title: '#', kind: 'n' },
      { title: 'operator' },
      { title: 'output', kind: 'n' },
      { title: 'kernel', kind: 'n' },
      { title: 'stride', kind: 'n' },
      { title: 'MACs', kind: 'n' },
      { title: 'weights', kind: 'n' },
      { title: 'share of latency', kind: 'bar' },
      { title: 'RAM in use', kind: 'bar' },
      { title: 'note' },
    ],
    net.layers.map((l) => ({
      ...(l.isPeak && { className: 'peak' }),
      cells: [
        String(l.index),
        l.kind,
        formatShape(l.output),
        l.kernel ? formatShape(l.kernel) : missing,
        l.stride ? formatShape(l.stride) : missing,
        l.macs > 0 ? formatCount(l.macs) : missing,
        l.weightBytes > 0 ? formatBytes(l.weightBytes) : missing,
        l.latencyShare === null ? missing : shareBar(l.latencyShare, formatPercent(l.latencyShare)),
        shareBar(l.ramLiveBytes / most, formatBytes(l.ramLiveBytes), l.isPeak ? 'warn' : 'plain'),
        l.isPeak && 'peak',
      ],
    })),
  )
}

function confusion({ classes, counts, split }: Confusion): Markup {
  const wrong = counts
    .flatMap((row, truth) => row.map((count, guess) => ({ truth, guess, count, of: row.reduce((a, b) => a + b, 0) })))
    .filter((c) => c.truth !== c.guess && c.count > 0)
    .sort((a, b) => b.count - a.count || a.truth - b.truth || a.guess - b.guess)
    .slice(0, 6)
  const list = markup`<div><h4>Most frequent confusions</h4>${htmlTable(
    [{ title: 'truth' }, { title: 'taken for' }, { title: 'times', kind: 'n' }, { title: 'of', kind: 'n' }],
    wrong.map((c) => ({
      cells: [classes[c.truth], classes[c.guess], String(c.count), `${c.of} (${formatPercent(c.count / c.of)})`],
    })),
  )}</div>`
  const picture =
    classes.length > 0 &&
    classes.length <= heatmapLimit &&
    markup`<figure><h4>Confusion matrix, ${split}</h4>${heatmap(classes, counts, `Confusion matrix on ${split}`)}</figure>`
  return markup`<div class="grid two">${picture}${list}</div>`
}
