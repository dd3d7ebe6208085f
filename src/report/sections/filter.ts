import { isPlain } from '../format.ts'
import { type Markup, markup } from '../markup.ts'
import type { StudyView } from '../view.ts'

/** One bound of the filter: the rows' value `by`, in units of `unit`, must be at most or at least what is typed. */
type Field = { readonly by: string; readonly side: 'most' | 'least'; readonly label: string; readonly unit: number }

/**
 * Bounds that every member of every front is held against at once, in pictures and tables. It works by script alone (explore.ts), so without scripts it
 * stays hidden.
 */
export function filterBar({ metric, targets }: StudyView): Markup {
  const { better = 'up', name } = metric
  const fields: readonly Field[] = [
    {
      by: 'score',
      side: better === 'up' ? 'least' : 'most',
      label: `${name} ${better === 'up' ? '≥' : '≤'}${isPlain(metric) ? '' : ', %'}`,
      unit: isPlain(metric) ? 1 : 0.01,
    },
    { by: 'latency', side: 'most', label: 'latency ≤, ms', unit: 1 },
    { by: 'ram', side: 'most', label: 'RAM ≤, kB', unit: 1e3 },
    { by: 'flash', side: 'most', label: 'flash ≤, kB', unit: 1e3 },
  ]
  const energy = { by: 'energy', side: 'most', label: 'energy ≤, µJ', unit: 1 } as const
  const known = targets.some((t) => t.front.some((m) => m.cost.energyUj !== null))
  return markup`<div class="card filter" id="filter" hidden><h3 id="filter-title">What fits?</h3>
<div class="fields" role="group" aria-labelledby="filter-title">${[...fields, ...(known ? [energy] : [])].map(
    (f) =>
      markup`<label>${f.label}<input type="number" inputmode="decimal" step="any" min="0" data-by="${f.by}" data-side="${f.side}" data-unit="${String(f.unit)}"></label>`,
  )}<label class="words">genome holds<input type="search" spellcheck="false" autocomplete="off"></label><button type="button">Clear</button></div>
<p class="note"><output></output> Click a mark or a row to select a network; ← and → go through its front, Enter opens it, Escape lets go.</p></div>`
}
