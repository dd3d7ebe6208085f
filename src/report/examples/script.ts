/** What the page of a data set does beside showing itself: a class is seen alone on the map, and a mark shows its example. It clones what is there and makes no markup. */
export const examplesScript = `
const points = document.getElementById('points')
if (points) {
  const marks = [...points.querySelectorAll('.m[data-id]')]
  const buttons = [...document.querySelectorAll('button[data-group]')]
  const apply = () => {
    const on = new Set(buttons.filter((b) => b.getAttribute('aria-pressed') === 'true').map((b) => b.dataset.group))
    for (const m of marks) m.classList.toggle('out', on.size > 0 && !on.has(m.dataset.id.split(':')[0]))
  }
  for (const b of buttons) b.addEventListener('click', () => {
    b.setAttribute('aria-pressed', String(b.getAttribute('aria-pressed') !== 'true'))
    apply()
  })
  const peek = document.createElement('div')
  peek.id = 'peek'
  peek.hidden = true
  document.body.append(peek)
  const show = (event) => {
    const mark = event.target.closest?.('.m[data-id]')
    const known = mark && document.getElementById('ex-' + mark.dataset.id.split(':')[1])
    peek.hidden = !known
    if (!known) return
    peek.replaceChildren(known.firstElementChild.cloneNode(true))
    const left = event.clientX > innerWidth / 2
    peek.style.left = left ? '' : event.clientX + 16 + 'px'
    peek.style.right = left ? innerWidth - event.clientX + 16 + 'px' : ''
    peek.style.top = Math.max(4, event.clientY - 120) + 'px'
  }
  points.addEventListener('pointermove', show)
  points.addEventListener('pointerdown', show)
  points.addEventListener('pointerleave', () => { peek.hidden = true })
}
`

export const examplesTheme = `
.sheet{display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:10px 12px;margin-top:12px}.sheet.wide{grid-template-columns:repeat(auto-fill,minmax(150px,1fr))}
.ex{min-width:0}.ex img{display:block;width:100%;height:auto;max-height:150px;object-fit:contain;object-position:left;image-rendering:pixelated;border-radius:4px;background:var(--code)}
.ex figcaption{font-size:11.5px;line-height:1.35;margin-top:3px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.ex figcaption b{color:var(--ink)}.sheet.wide figcaption{white-space:normal;overflow-wrap:anywhere;font-size:12.5px}
.wave{width:100%;height:auto;background:var(--code);border-radius:4px}.wave .step{stroke-width:1.2}
.set{border-top:1px solid var(--line);padding:10px 0}.set .sheet{margin-top:6px}
figure:has(>.plot){max-width:640px}
.remarks{list-style:none;margin:0;padding:0;font-size:14px}.remarks li{padding:3px 0;overflow-wrap:anywhere}
.groups{display:flex;flex-wrap:wrap;gap:6px;margin-bottom:10px}.groups button{font:inherit;font-size:13px;display:inline-flex;gap:6px;align-items:center;color:var(--ink);background:var(--code);border:1px solid var(--line);border-radius:14px;padding:4px 12px;cursor:pointer;max-width:100%;overflow-wrap:anywhere}.groups button[aria-pressed=true]{border-color:var(--ink);background:var(--shade)}
#points{max-height:78vh}#points .m{opacity:.85}#points .m.out{opacity:.07}
#peek{position:fixed;z-index:8;pointer-events:none;background:var(--card);border:1px solid var(--faint);border-radius:6px;padding:6px;width:150px;box-shadow:0 3px 12px #0004}#peek[hidden]{display:none}#peek img,#peek svg{display:block;width:100%;height:auto;image-rendering:pixelated}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media print{.sheet{grid-template-columns:repeat(8,1fr)}.ex{break-inside:avoid}.groups{display:none}}
`
