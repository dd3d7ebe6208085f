import { definitions } from '../html-table.ts'
import { type Content, markup } from '../markup.ts'
import type { StudyView } from '../view.ts'

/** What to type next. */
export const nextSteps = (view: StudyView): Content =>
  view.next.length > 0 &&
  markup`<div class="card">${view.next.map((n) => markup`<h3>${n.what}</h3><pre>${n.command}</pre>`)}</div>`

export const configuration = (view: StudyView): Content =>
  markup`<div class="card">${definitions(view.config.map((c) => ({ key: c.key, value: markup`<span class="mono">${c.value}</span>` })))}</div>`

/** What another machine needs to get the same bits, and whether it will. */
export function reproducibility(view: StudyView): Content {
  const r = view.reproducibility
  const hash = (text: string) => markup`<code>${text}</code>`
  return markup`<div class="card">
<p>${r.portable ? 'Same seed, same configuration, same data: the same front on any machine and with any number of workers, bit for bit.' : 'This study used an engine whose bits differ between machines: another machine may get a slightly different front.'}</p>
${definitions([
  { key: 'tinyfront', value: `${r.version}${r.gitCommit === null ? '' : ` (commit ${r.gitCommit})`}` },
  { key: 'seed', value: hash(String(view.seed)) },
  { key: 'engine', value: [r.engine, r.wasmHash !== null && [' · kernels ', hash(r.wasmHash)]] },
  ...(r.kernels.length > 0 ? [{ key: 'computed by', value: `${r.kernels.join(', ')} kernels` }] : []),
  { key: 'data', value: hash(r.dataFingerprint) },
  ...r.hashes.map((h) => ({ key: h.key, value: hash(h.value) })),
  { key: 'Node.js', value: r.nodeVersion },
  { key: 'processor', value: r.cpu },
])}
${r.command !== null && markup`<h3>Repeat it</h3><pre>${r.command}</pre>`}</div>`
}
