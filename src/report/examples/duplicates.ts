import { duplicateSets, equalExamples, similarityLimit } from '../../data/likeness.ts'
import { countOf } from '../../task/labels.ts'
import { type Content, markup } from '../markup.ts'
import { splitTitles } from './overview.ts'
import type { Sheet } from './page.ts'

/** Sets of equals on the page, and members of each. */
const [mostSets, mostMembers] = [24, 6]

/** Examples that are equal or look alike, side by side: those with different labels first, then those on two sides of a split. */
export function duplicates({ decoded, labelOf, splitOf, frame }: Sheet): Content {
  const large = countOf(decoded.labels) > similarityLimit
  const sets = large || decoded.kind !== 'image' ? equalExamples(decoded) : duplicateSets(decoded)
  if (sets.length === 0)
    return markup`<p class="note">No two examples are equal${decoded.kind === 'image' && !large && ' or look alike'}.</p>`
  const contradict = (set: readonly number[]) => new Set(set.map(labelOf)).size > 1
  // calibration examples are those of train
  const side = (i: number) => (splitOf[i] === 'calibration' ? 'train' : splitOf[i])
  const leak = (set: readonly number[]) => new Set(set.map(side)).size > 1
  const rank = (set: readonly number[]) => (contradict(set) ? 2 : 0) + (leak(set) ? 1 : 0)
  const shown = sets
    .map((set) => ({ set, rank: rank(set) }))
    .sort((a, b) => b.rank - a.rank || a.set[0]! - b.set[0]!)
    .slice(0, mostSets)
  const count = (what: (set: readonly number[]) => boolean) => String(sets.filter(what).length)
  return markup`<div class="card long"><ul class="facts"><li><b>${String(sets.length)}</b> sets of examples that are equal${decoded.kind === 'image' && ' or look alike'}</li><li><b>${count(contradict)}</b> with different labels</li><li><b>${count(leak)}</b> in more than one split</li></ul>
${shown.map(
  ({ set }) =>
    markup`<div class="set">${contradict(set) && markup`<span class="tag warn">different labels</span> `}${leak(set) && markup`<span class="tag warn">in two splits</span>`}<div class="sheet">${set
      .slice(0, mostMembers)
      .map((i) =>
        frame(i, { note: [markup`<b>${labelOf(i)}</b> `, splitTitles[splitOf[i] ?? 'train']] }),
      )}</div>${set.length > mostMembers && markup`<p class="note">and ${String(set.length - mostMembers)} more</p>`}</div>`,
)}${sets.length > shown.length && markup`<p class="note">${String(sets.length - shown.length)} more sets; removeDuplicates in dataset.json keeps one example of each.</p>`}</div>`
}
