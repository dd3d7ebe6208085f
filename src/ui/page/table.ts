import { type Markup, markup } from '../../report/markup.ts'
import type { Columns } from './columns.ts'
import { dataAt, fill, find, make } from './dom.ts'
import type { Part, Session } from './session.ts'
import type { Fit } from './sliders.ts'
import { knownColumns, type Sort, sorter, startsUp, type TrialColumn } from './table-columns.ts'

const rowHeight = 30
const shows = { all: 'all trials', fits: 'what fits', front: 'the front', tested: 'tested' } as const
type Shown = keyof typeof shows

/** All trials, sorted and filtered; only the rows in sight are elements. */
export function trialTable(session: Session, { columns, fit }: { columns: () => Columns; fit: () => Fit }): Part {
  let sort: Sort = { key: 'n', up: false }
  let show: Shown = 'all'
  let words = ''
  let order: readonly number[] = []
  const inOrder = sorter()
  const node = make(
    'section',
    'card trials',
    markup`<div class="head"><h3>Trials</h3><div class="choice" role="group" aria-label="which trials">${Object.entries(shows).map(([key, word]) => markup`<button data-show="${key}">${word}</button>`)}</div><input type="search" placeholder="number or part of a genome" aria-label="search trials"><span class="found"></span></div>
<div class="window" tabindex="0" aria-label="trials"><table><thead><tr></tr></thead><tbody></tbody></table></div>`,
  )
  const view = find(node, '.window')
  const body = find(node, 'tbody')
  view.addEventListener('scroll', rows, { passive: true })
  find<HTMLInputElement>(node, 'input').addEventListener('input', (event) => {
    words = (event.target as HTMLInputElement).value.trim().toLowerCase()
    update()
  })
  node.addEventListener('click', (event) => {
    const key = dataAt(event, 'sort')
    const shown = dataAt(event, 'show')
    const row = dataAt(event, 'trial')
    if (key !== undefined) sort = { key, up: sort.key === key ? !sort.up : startsUp(key) }
    else if (shown !== undefined && shown in shows) show = shown as Shown
    else if (row !== undefined && !(event.target instanceof HTMLAnchorElement)) location.hash = addressOf(session, Number(row))
    else return
    update()
  })

  function update(): void {
    const { model } = session
    if (!model.facts) return
    const { fits, front } = fit()
    const members = new Set([...front, ...(model.view?.boards[session.board]?.front ?? []).map((m) => m.trial)])
    const passes: Readonly<Record<Shown, (i: number) => boolean>> = {
      all: () => true,
      fits: (i) => fits[i] === 1,
      front: (i) => members.has(i) && fits[i] === 1,
      tested: (i) => model.tests.has(i),
    }
    const pass = passes[show]
    order = inOrder(session, sort).filter(
      (i) => pass(i) && (words === '' || String(i) === words || model.trials[i]!.text.toLowerCase().includes(words)),
    )
    find(node, '.found').textContent = `${order.length} of ${model.trials.length}`
    for (const button of node.querySelectorAll('[data-show]'))
      button.setAttribute('aria-pressed', String(button.getAttribute('data-show') === show))
    fill(find(node, 'thead tr'), headOf(knownColumns(session, columns()), sort))
    rows()
  }

  function rows(): void {
    if (!session.model.facts) return
    const inSight = Math.ceil((view.clientHeight || 420) / rowHeight) + 10
    const from = Math.max(0, Math.min(Math.floor(view.scrollTop / rowHeight) - 4, order.length - inSight))
    const shown = order.slice(from, from + inSight)
    const space = markup`<tr class="space"><td colspan="20"></td></tr>`
    fill(body, [space, rowsOf(session, knownColumns(session, columns()), shown, fit().fits), space])
    const [above, below] = body.querySelectorAll<HTMLElement>('.space')
    above!.style.height = `${from * rowHeight}px`
    below!.style.height = `${(order.length - from - shown.length) * rowHeight}px`
  }
  return { node, update }
}

function headOf(columns: readonly TrialColumn[], sort: Sort): Markup {
  return markup`${columns.map((c) => {
    const by = sort.key !== c.key ? 'none' : sort.up ? 'ascending' : 'descending'
    const arrow = { none: '', ascending: '▲', descending: '▼' }[by]
    const title = c.wide ? c.title : markup`<button data-sort="${c.key}">${c.title}<i>${arrow}</i></button>`
    return markup`<th scope="col"${!c.wide && markup` class="n"`} aria-sort="${by}">${title}</th>`
  })}`
}

/** Where a trial is opened. */
const addressOf = ({ study, model, board }: Session, n: number): string =>
  `#/${study}/trial/${n}?board=${model.facts!.boards[board]!.target}`

function rowsOf(session: Session, columns: readonly TrialColumn[], shown: readonly number[], fits: Uint8Array): Markup[] {
  const { model, board } = session
  const front = new Set((model.view?.boards[board]?.front ?? []).map((m) => m.trial))
  return shown.map((i) => {
    const cells = columns.map((c, k) => {
      const cell = c.cell(session, model.trials[i]!)
      return markup`<td class="${c.wide ? 'wide' : 'n'}">${k === 0 ? markup`<a href="${addressOf(session, i)}">${cell}</a>` : cell}</td>`
    })
    return markup`<tr data-trial="${String(i)}" class="${fits[i] ? '' : 'out'}${front.has(i) ? ' member' : ''}">${cells}</tr>`
  })
}
