import { formatPercent } from '../../util/units.ts'
import { type Content, markup } from '../markup.ts'
import { splitTitles } from './overview.ts'
import type { Sheet } from './page.ts'

/** An example whose label the study's networks doubt. */
export type Suspect = {
  readonly example: number
  /** What they say instead. */
  readonly says: string
  /** How likely they hold that, and the label; null where labels are numbers. */
  readonly likely: { readonly said: number; readonly label: number } | null
}
export type SuspectsOf = {
  readonly study: string
  /** Who was asked: "4 networks and the teacher". */
  readonly asked: string
  /** Those that disagree most, worst first. */
  readonly listed: readonly Suspect[]
  /** How many disagree in all. */
  readonly total: number
}

/** Examples to look at again: the label below the drawing, then what the networks say. */
export function suspects({ frame, labelOf, splitOf }: Sheet, { study, asked, listed, total }: SuspectsOf): Content {
  if (listed.length === 0) return markup`<p class="note">${asked} of ${study} agree with every label.</p>`
  return markup`<div class="card long"><p class="note">${asked} of ${study} together doubt ${String(total)} labels${listed.length < total && `; the ${listed.length} that they doubt most`}. Either the label is wrong, or the example is hard: look before you mend. Networks learn even wrong labels of train in part, so doubts on validation and test weigh more.</p>
<div class="sheet wide">${listed.map(({ example, says, likely }) =>
    frame(example, {
      note: markup`label <b>${labelOf(example)}</b>${likely && ` ${percent(likely.label)}`}<br>they say <b>${says}</b>${likely && ` ${percent(likely.said)}`}<br><small>${splitTitles[splitOf[example] ?? 'train']}</small>`,
    }),
  )}</div></div>`
}

/** The figure and its sign stay on one line. */
const percent = (share: number): string => formatPercent(share, 0).replace(' ', '\u00a0')
