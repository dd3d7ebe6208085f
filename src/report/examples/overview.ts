import { type SplitName, splitNames } from '../../data/dataset.ts'
import { formatCount, formatPercent } from '../../util/units.ts'
import { htmlTable } from '../html-table.ts'
import { type Content, markup } from '../markup.ts'
import { shareBar } from '../svg/bars.ts'
import type { Sheet } from './page.ts'

export const splitTitles: Readonly<Record<SplitName, string>> = {
  train: 'train',
  calibration: 'calibration',
  searchValidation: 'search-validation',
  selectionValidation: 'selection-validation',
  test: 'test',
}

/** Rows of classes, and of files that cannot be read, beyond which the rest is a number. */
const [mostRows, mostFiles] = [100, 20]

/** Examples of each class in each split, and what `inspect` remarks. */
export function overview({ groups, splitOf, report }: Sheet): Content {
  const most = Math.max(1, ...groups.map((g) => g.indices.length))
  const rows = groups.slice(0, mostRows).map(({ name, indices }) => {
    const counts = new Map<SplitName | undefined, number>()
    for (const i of indices) counts.set(splitOf[i], (counts.get(splitOf[i]) ?? 0) + 1)
    const inSplit = (s: SplitName) => report.classes.find((c) => c.name === name)?.counts[s] ?? counts.get(s) ?? 0
    return {
      cells: [
        name,
        shareBar(indices.length / most, formatCount(indices.length)),
        ...splitNames.map((s) => formatCount(inSplit(s))),
        formatPercent(indices.length / Math.max(1, report.count)),
      ],
    }
  })
  const table = htmlTable(
    [
      { title: report.classes.length > 0 ? 'class' : 'label' },
      { title: 'examples', kind: 'bar' },
      ...splitNames.map((s) => ({ title: splitTitles[s], kind: 'n' as const })),
      { title: 'share', kind: 'n' },
    ],
    [
      ...rows,
      {
        className: 'pick',
        cells: ['all', formatCount(report.count), ...splitNames.map((s) => formatCount(report.splits[s])), '100 %'],
      },
    ],
  )
  const more = groups.length > mostRows && markup`<p class="note">${String(groups.length - mostRows)} more classes.</p>`
  return [markup`<div class="card">${table}${more}</div>`, remarks(report)]
}

function remarks({ warnings, notes, unreadable }: Sheet['report']): Content {
  if (warnings.length + notes.length + unreadable.length === 0)
    return markup`<p class="note">tinyfront found nothing to warn about.</p>`
  const rest = unreadable.length - mostFiles
  return markup`<div class="card"><ul class="remarks">${warnings.map((w) => markup`<li><span class="tag warn">warning</span> ${w}</li>`)}${notes.map((n) => markup`<li><span class="tag">note</span> ${n}</li>`)}${unreadable.slice(0, mostFiles).map((u) => markup`<li><span class="tag warn">unreadable</span> <code>${u.file}</code>: ${u.reason}</li>`)}${rest > 0 && markup`<li>and ${String(rest)} more that cannot be read</li>`}</ul></div>`
}
