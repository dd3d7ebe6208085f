import { htmlTable } from '../../report/html-table.ts'
import { markup } from '../../report/markup.ts'
import type { StudyRow } from '../wire.ts'
import { get, post, Refused } from './api.ts'
import { fill, find, make, reachable } from './dom.ts'

type Board = { readonly id: string; readonly name: string }

/** The studies of the results folder, and a form that begins another one. */
export async function studiesPage(): Promise<HTMLElement> {
  const [studies, boards] = await Promise.all([get<StudyRow[]>('/api/studies'), get<Board[]>('/api/boards')])
  const node = make('main', 'studies')
  fill(
    node,
    markup`<h1>Studies</h1><section class="card">${studies.length === 0 ? markup`<p class="note">There is no study in this folder yet.</p>` : list(studies)}</section>
<section class="card"><h3>New search</h3><form>
<label>data<input name="data" required placeholder="./photos or builtin:gestures" autocomplete="off"></label>
<label>name<input name="study" required pattern="[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}" placeholder="photos" autocomplete="off"></label>
<label>boards<input name="targets" required list="boards" placeholder="stm32f746, rp2040" autocomplete="off"><datalist id="boards">${boards.map((b) => markup`<option value="${b.id}">${b.name}</option>`)}</datalist></label>
<label>time<input name="time" placeholder="20m" size="6" autocomplete="off"></label>
<label>or trials<input name="trials" type="number" min="1" max="100000" placeholder="40"></label>
<button class="primary">Search</button><p class="trouble" role="alert" hidden></p></form></section>`,
  )
  reachable(node)
  const form = find<HTMLFormElement>(node, 'form')
  const trouble = find(form, '.trouble')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const text = (name: string) => String(new FormData(form).get(name) ?? '').trim()
    const button = find<HTMLButtonElement>(form, 'button')
    button.disabled = true
    trouble.hidden = true
    try {
      const { study, failed } = await post<{ study: string; failed: string | null }>('/api/search', {
        study: text('study'),
        data: text('data'),
        targets: text('targets')
          .split(',')
          .map((t) => t.trim())
          .filter((t) => t !== ''),
        ...(text('time') === '' ? {} : { time: text('time') }),
        ...(text('trials') === '' ? {} : { trials: Number(text('trials')) }),
      })
      if (failed === null) location.hash = `#/${study}`
      else say(failed)
    } catch (error) {
      say(error instanceof Refused ? `${error.message}\n${error.remedy}` : String(error))
    } finally {
      button.disabled = false
    }
  })
  function say(text: string): void {
    trouble.hidden = false
    trouble.textContent = text
  }
  return node
}

const list = (studies: readonly StudyRow[]) =>
  htmlTable(
    [{ title: 'study' }, { title: 'state' }, { title: 'data' }, { title: 'boards' }, { title: 'begun' }],
    studies.map((s) => ({
      cells: [
        markup`<a href="#/${s.study}">${s.study}</a>`,
        markup`<span class="pill ${s.running ? 'live' : 'idle'}">${s.running ? 'running' : 'at rest'}</span>${s.fake && markup` <span class="tag warn">made-up scores</span>`}`,
        s.data,
        s.boards.join(', '),
        s.createdAt.slice(0, 16).replace('T', ' '),
      ],
    })),
  )
