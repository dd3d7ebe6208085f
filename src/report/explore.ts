/**
 * What the report does beside showing itself: any member of a front is selected by pointer, touch or keyboard, in pictures and tables alike; tables are sorted; bounds show
 * at once what fits. Rows carry the values (`data-*` of page.ts), and marks carry the row's id. Like script.ts it reads text and writes text, never markup, and without it
 * every number and every network is still on the page.
 */
export const exploreScript = `
const all = (selector, root = document) => [...root.querySelectorAll(selector)]
const rows = all('tr[data-id]')
const marks = all('.m[data-id]')
const networks = all('details.network')
const make = (tag, text, attributes = {}) => {
  const node = document.createElement(tag)
  node.textContent = text
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
  return node
}
let selected
const board = (id) => id.split(':')[0]
const trial = (id) => id.split(':')[1]
const shownRows = (id) => rows.filter((r) => board(r.dataset.id) === board(id) && !r.hidden)

const dock = make('div', '', { id: 'dock', role: 'region', 'aria-label': 'selected network' })
dock.hidden = true
const facts = make('p', '', { 'aria-live': 'polite' })
const back = make('button', '←', { type: 'button', 'aria-label': 'previous of this front' })
const next = make('button', '→', { type: 'button', 'aria-label': 'next of this front' })
const open = make('a', 'open')
const close = make('button', '×', { type: 'button', 'aria-label': 'let go' })
dock.append(facts, back, next, open, close)
if (rows.length) document.body.append(dock)

const select = (id) => {
  selected = id
  for (const r of rows) r.classList.toggle('on', r.dataset.id === id)
  for (const m of marks) m.classList.toggle('on', m.dataset.id === id)
  dock.hidden = !id
  if (!id) return
  const row = rows.find((r) => r.dataset.id === id)
  const mark = marks.find((m) => m.dataset.id === id)
  if (!row) return void (facts.textContent = '#' + trial(id))
  const heads = all('th', row.closest('table'))
  facts.replaceChildren(make('b', '#' + trial(id)), ...[...row.cells].slice(1, 5).map((cell, i) => {
    const fact = make('span', cell.firstChild.textContent.trim())
    fact.prepend(make('small', heads[i + 1].textContent + ' '))
    return fact
  }))
  const known = document.getElementById('network-' + trial(id))
  open.hidden = !known
  open.href = '#network-' + trial(id)
  for (const m of marks) if (m.dataset.id === id) m.parentNode.append(m)
}
// a network that was not opened on this page leaves the one that is shown
const show = (id) => {
  if (!document.getElementById('network-' + trial(id))) return
  for (const n of networks) {
    n.classList.toggle('on', n.id === 'network-' + trial(id))
    if (n.classList.contains('on')) n.open = true
  }
  for (const a of all('.chips a')) a.toggleAttribute('aria-current', a.hash === '#network-' + trial(id))
}
const step = (by) => {
  if (!selected) return
  const list = shownRows(selected)
  const at = list.findIndex((r) => r.dataset.id === selected)
  const row = list[at < 0 ? 0 : Math.max(0, Math.min(list.length - 1, at + by))]
  if (!row) return
  select(row.dataset.id)
  show(row.dataset.id)
}
back.addEventListener('click', () => step(-1))
next.addEventListener('click', () => step(1))
close.addEventListener('click', () => select())
open.addEventListener('click', () => show(selected))

for (const row of rows) row.addEventListener('click', (event) => {
  select(row.dataset.id)
  show(row.dataset.id)
})
for (const plot of all('svg.plot')) {
  const own = all('.m[data-id]', plot)
  if (own.length) plot.addEventListener('click', (event) => {
    const far = (m) => {
      const box = m.getBoundingClientRect()
      return Math.hypot(event.clientX - box.x - box.width / 2, event.clientY - box.y - box.height / 2)
    }
    const nearest = own.filter((m) => !m.classList.contains('out')).sort((a, b) => far(a) - far(b))[0]
    if (!nearest || far(nearest) > 26) return
    select(nearest.dataset.id)
    show(nearest.dataset.id)
  })
}
const fromHash = () => {
  const n = /^#network-(\\d+)$/.exec(location.hash)?.[1]
  if (!n) return
  const row = (selected && trial(selected) === n && rows.find((r) => r.dataset.id === selected)) || rows.find((r) => trial(r.dataset.id) === n)
  const id = row ? row.dataset.id : '0:' + n
  select(id)
  show(id)
  document.getElementById('network-' + n)?.scrollIntoView()
}
addEventListener('hashchange', fromHash)
addEventListener('keydown', (event) => {
  if (!selected || event.altKey || event.ctrlKey || event.metaKey || event.target.closest?.('input')) return
  if (event.key === 'ArrowLeft') step(-1)
  else if (event.key === 'ArrowRight') step(1)
  else if (event.key === 'Escape') select()
  else if (event.key === 'Enter' && event.target === document.body && !open.hidden) open.click()
  else return
  event.preventDefault()
})
if (networks.length > 1) {
  document.body.classList.add('one')
  const first = rows.find((r) => r.classList.contains('pick')) ?? rows[0]
  show(first ? first.dataset.id : '0:' + networks[0].id.slice(8))
}
if (location.hash) fromHash()

for (const table of all('table')) for (const head of all('th[data-by]', table)) {
  const button = make('button', head.textContent, { type: 'button' })
  head.replaceChildren(button)
  button.addEventListener('click', () => {
    const { by, first } = head.dataset
    const up = head.ariaSort ? head.ariaSort === 'descending' : first === 'least'
    for (const other of all('th', table)) other.removeAttribute('aria-sort')
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending')
    const key = (row) => by in row.dataset ? Number(row.dataset[by]) * (up ? 1 : -1) : Infinity
    table.tBodies[0].append(...[...table.tBodies[0].rows].sort((a, b) => key(a) - key(b) || a.dataset.trial - b.dataset.trial))
  })
}

const filter = document.getElementById('filter')
if (filter) {
  filter.hidden = false
  const bounds = all('input[data-by]', filter)
  const words = filter.querySelector('input[type=search]')
  const apply = () => {
    const fits = (row) => bounds.every(({ value, dataset: { by, side, unit } }) => {
      if (value === '') return true
      if (!(by in row.dataset)) return false
      const off = Number(row.dataset[by]) - Number(value) * Number(unit)
      return side === 'most' ? off <= 1e-9 : off >= -1e-9
    }) && words.value.toLowerCase().split(/\\s+/).every((word) => row.lastElementChild.textContent.toLowerCase().includes(word))
    const gone = new Set()
    for (const row of rows) {
      row.hidden = !fits(row)
      if (row.hidden) gone.add(row.dataset.id)
    }
    for (const m of marks) m.classList.toggle('out', gone.has(m.dataset.id))
    filter.querySelector('output').textContent = gone.size ? rows.length - gone.size + ' of ' + rows.length + ' members fit.' : ''
  }
  filter.addEventListener('input', apply)
  filter.querySelector('button').addEventListener('click', () => {
    for (const input of all('input', filter)) input.value = ''
    apply()
  })
  apply()
}
`

export const exploreTheme = `
th[data-by]{padding-top:0;padding-bottom:0}th button{font:inherit;color:inherit;background:none;border:0;padding:8px 0;cursor:pointer;text-align:inherit;width:100%}th button:hover{color:var(--accent)}
th[aria-sort] button{color:var(--ink)}th[aria-sort=ascending] button::after{content:" ↑"}th[aria-sort=descending] button::after{content:" ↓"}
tr[data-id]{cursor:pointer}tr[data-id]:hover td{background:var(--code)}tr.on td,tr.on:hover td{background:var(--shade)}tr[data-id] td:first-child a{font-weight:600;padding:4px 0}
.plot:has(.m[data-id]){cursor:pointer}.m.on{stroke:var(--ink);stroke-width:2.5;paint-order:stroke}.m.out{opacity:.12}
.fields{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:end;margin:10px 0 4px}.fields label{display:grid;gap:3px;font-size:12.5px;color:var(--soft)}
.fields input{font:inherit;font-size:14px;color:var(--ink);background:var(--bg);border:1px solid var(--faint);border-radius:6px;padding:6px 8px;width:112px}.fields .words input{width:160px}
.fields button,#dock button,#dock a{font:inherit;font-size:14px;color:var(--ink);background:var(--code);border:1px solid var(--line);border-radius:6px;padding:6px 12px;cursor:pointer}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin:10px 0}.chips a{border:1px solid var(--line);background:var(--card);border-radius:14px;padding:4px 12px;font-size:13.5px;font-variant-numeric:tabular-nums}.chips a[aria-current]{background:var(--shade);border-color:var(--faint);color:var(--ink)}
details.network{margin:14px 0;scroll-margin-top:10px}details.network summary{color:var(--ink)}details.network summary h3{display:inline}
.one details.network:not(.on){display:none}
ul.files{list-style:none;padding:0;margin:6px 0;font-size:13.5px}ul.files li{padding:3px 0;overflow-wrap:anywhere}ul.files small{color:var(--soft)}
#dock{position:sticky;bottom:0;z-index:5;display:flex;gap:8px;align-items:center;background:var(--card);border-top:1px solid var(--faint);box-shadow:0 -3px 14px #0002;padding:9px max(20px,calc(50% - 600px))}#dock[hidden]{display:none}
#dock p{display:flex;flex-wrap:wrap;gap:1px 16px;margin:0 auto 0 0;font-size:14px;font-variant-numeric:tabular-nums}#dock small{color:var(--soft)}#dock button{min-width:40px;padding:8px}#dock a{padding:8px 14px}
@media (max-width:600px){.front .range{display:block}.front th,.front td{padding-right:8px}.front table{font-size:13px}.front th:first-child,.front td:first-child{position:sticky;left:0;background:var(--card);z-index:1}.front tr.on td:first-child{background:var(--shade)}
.fields label{flex:1 1 40%}.fields input,.fields .words input{width:100%}#dock{padding:8px 12px;gap:6px}#dock p{gap:0 10px;font-size:13px}}
@media print{#filter,#dock,.chips{display:none}.one details.network:not(.on){display:none}}
`
