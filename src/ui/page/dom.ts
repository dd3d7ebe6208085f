import { type Content, markup } from '../../report/markup.ts'

const filled = new WeakMap<Element, string>()

/**
 * Puts escaped markup into a node of which it is all; the only door from text to elements. What stands there already is left alone, and what had the
 * focus keeps it.
 */
export function fill(node: Element, content: Content): void {
  const text = markup`${content}`.markup
  if (filled.get(node) === text) return
  filled.set(node, text)
  const active = document.activeElement
  const [kept] = active instanceof HTMLElement && active !== node && node.contains(active) ? Object.entries(active.dataset) : []
  node.innerHTML = text
  if (kept) node.querySelector<HTMLElement>(`[data-${kept[0]}="${CSS.escape(kept[1] ?? '')}"]`)?.focus()
}

/** A new element with a class and content. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, className = '', content?: Content): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag)
  if (className !== '') node.className = className
  if (content !== undefined) fill(node, content)
  return node
}

/** Tables that are wider than the page scroll, by keyboard too. */
export function reachable(node: ParentNode): void {
  for (const wide of node.querySelectorAll<HTMLElement>('.scroll')) wide.tabIndex = 0
}

/** The element that our own markup is known to hold. */
export function find<E extends Element = HTMLElement>(root: ParentNode, selector: string): E {
  const found = root.querySelector<E>(selector)
  if (!found) throw new Error(`${selector} is missing`)
  return found
}

/** The nearest element around an event's target that carries `data-NAME`, and its value. */
export function dataAt(event: Event, name: string): string | undefined {
  const around = event.target instanceof Element ? event.target.closest<HTMLElement | SVGElement>(`[data-${name}]`) : null
  return around?.dataset[name]
}

/** Runs `work` once before the next frame, however often it is asked for. */
export function eachFrame(work: () => void): () => void {
  let asked = false
  return () => {
    if (asked) return
    asked = true
    requestAnimationFrame(() => {
      asked = false
      work()
    })
  }
}

/** A variable of the style sheet, such as a series' colour, for what is drawn on a canvas. */
export const themeColour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

export const whenThemeChanges = (work: () => void, signal: AbortSignal): void =>
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', work, { signal })
