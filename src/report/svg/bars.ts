import { formatPercent, formatSeconds } from '../../util/units.ts'
import { type Markup, markup } from '../markup.ts'
import { seriesClass } from './marks.ts'

/** One bar split into named shares of a duration, with its legend below. */
export function stackedBar(parts: readonly { readonly name: string; readonly seconds: number }[], title: string): Markup {
  const drawable = parts.filter((p) => Number.isFinite(p.seconds) && p.seconds > 0).sort((a, b) => b.seconds - a.seconds)
  const total = drawable.reduce((sum, p) => sum + p.seconds, 0)
  let left = 0
  return markup`<svg class="stack" viewBox="0 0 400 26" preserveAspectRatio="none" role="img" aria-label="${title}">
${drawable.map((p, i) => {
  const x = left
  const width = (p.seconds / total) * 400
  left += width
  return markup`<g><title>${p.name}: ${formatPercent(p.seconds / total)}, ${formatSeconds(p.seconds)}</title><rect class="m ${seriesClass(i)}" x="${x}" y="0" width="${Math.max(0.5, width - 1)}" height="26"/></g>`
})}
</svg><ul class="legend">${drawable.map((p, i) => markup`<li><i class="swatch ${seriesClass(i)}"></i>${p.name} <b>${formatPercent(p.seconds / total)}</b> <small>${formatSeconds(p.seconds)}</small></li>`)}</ul>`
}

/** A share of something as a bar beside its figure, for table cells; `tone` warns when a bound is near. */
export function shareBar(share: number, text: string, tone: 'plain' | 'good' | 'warn' | 'bad' = 'plain'): Markup {
  const width = Math.max(0, Math.min(100, share * 100))
  // a picture and not a style: the live page's policy allows no style that stands in an attribute
  return markup`<span class="share ${tone}"><svg class="rail" viewBox="0 0 100 7" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="7"/></svg><span class="figure">${text}</span></span>`
}

/** Below 70 % of a bound is comfortable, from 90 % on it is tight. */
export const budgetTone = (share: number): 'good' | 'warn' | 'bad' => (share > 1 ? 'bad' : share >= 0.9 ? 'warn' : 'good')
