import { exportFormats } from '../../export/bundle/formats.ts'
import { markup } from '../../report/markup.ts'
import type { TrialPage } from '../wire.ts'
import { download, post, Refused } from './api.ts'
import { dataAt, fill, find, make } from './dom.ts'

/** Writes a network for a board into the study's folder, and hands it on as an archive. */
export function exporter(study: string, n: number, page: TrialPage): HTMLElement {
  const node = make('div', 'exporter')
  if (page.without !== null) {
    fill(node, markup`<h3>Export</h3><p class="note">Nothing to export: ${page.without}.</p>`)
    return node
  }
  fill(
    node,
    markup`<h3>Export</h3><div class="row"><label>format <select>${exportFormats.map((f) => markup`<option>${f}</option>`)}</select></label><button class="primary" data-do="export">Export</button><span class="said" role="status"></span></div><ul class="plain files"></ul>`,
  )
  const exported = new Set(page.exports)
  const said = find(node, '.said')
  const files = find(node, '.files')
  const show = () =>
    fill(
      files,
      [...exported].map(
        (folder) =>
          markup`<li><code>export/${folder}</code> <button class="quiet" data-get="${folder}">download .zip</button></li>`,
      ),
    )
  show()
  node.addEventListener('click', async (event) => {
    const folder = dataAt(event, 'get')
    try {
      if (folder !== undefined) await download(`/api/studies/${study}/exports/${folder}`, `${study}-${folder}.zip`)
      if (dataAt(event, 'do') !== 'export') return
      said.textContent = 'writing …'
      const format = find<HTMLSelectElement>(node, 'select').value
      const made = await post<{ folder: string; files: readonly string[] }>(`/api/studies/${study}/trials/${n}/export`, {
        format,
      })
      said.textContent = `${made.files.length} files written`
      exported.add(made.folder)
      show()
    } catch (error) {
      said.textContent = error instanceof Refused ? `${error.message}: ${error.remedy}` : String(error)
    }
  })
  return node
}
