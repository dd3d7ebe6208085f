/**
 * The script of every page: shows an SVG `<title>` at once instead of after the browser's delay, and opens what is folded before printing.
 * Without it (or with scripts forbidden) the page loses nothing but speed. It reads text and writes text, never markup.
 */
export const script = `
const tip = document.createElement('div')
tip.id = 'tip'
tip.hidden = true
document.body.append(tip)
const textOf = (node) => {
  for (; node instanceof SVGElement; node = node.parentNode) {
    const title = [...node.children].find((c) => c.tagName === 'title')
    if (title) {
      node.dataset.tip = title.textContent
      title.remove()
    }
    if (node.dataset.tip) return node.dataset.tip
  }
}
addEventListener('pointermove', (event) => {
  const text = event.target instanceof SVGElement ? textOf(event.target) : undefined
  tip.hidden = !text
  if (!text) return
  tip.textContent = text
  const box = tip.getBoundingClientRect()
  tip.style.left = Math.max(4, Math.min(innerWidth - box.width - 4, event.clientX + 14)) + 'px'
  tip.style.top = (event.clientY + box.height + 24 > innerHeight ? event.clientY - box.height - 12 : event.clientY + 16) + 'px'
})
addEventListener('scroll', () => { tip.hidden = true })
// what scrolls sideways is reached by keys
const scrolls = new ResizeObserver((entries) => {
  for (const { target } of entries)
    if (target.scrollWidth > target.clientWidth) target.setAttribute('tabindex', '0')
    else target.removeAttribute('tabindex')
})
for (const s of document.querySelectorAll('.scroll')) scrolls.observe(s)
addEventListener('beforeprint', () => { for (const d of document.querySelectorAll('details:not(.network)')) d.open = true })
`
