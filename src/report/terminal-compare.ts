import { formatPercent } from '../util/units.ts'
import { extremes, referenceNote } from './compare.ts'
import { coverage } from './coverage.ts'
import { missing, plainNumber } from './format.ts'
import { type Column, markdownTable, type Row, type Style, type TableFormat, terminalTable } from './table.ts'
import type { CompareView } from './view.ts'

/** Two tables: the ends and the hypervolume of every front, then how much of each front every other covers. */
export function compareTable(view: CompareView, style: Style, format: TableFormat = 'terminal'): string {
  const render = (columns: readonly Column[], rows: readonly Row[]) =>
    format === 'markdown' ? markdownTable(columns, rows) : terminalTable(columns, rows, style)
  const right = (title: string, drop?: number): Column => ({ title, align: 'right', ...(drop !== undefined && { drop }) })
  const best = view.entries.reduce((a, e) => Math.max(a, e.hypervolume ?? 0), 0)
  const overview = render(
    [
      { title: 'front', shrinks: true },
      { title: 'study', drop: 3 },
      right('networks', 2),
      right(view.metric.name),
      right('fastest'),
      right('least RAM'),
      right('least flash', 1),
      right('hypervolume'),
    ],
    view.entries.map((e): Row => {
      const ends = extremes(e, view.metric)
      const volume = e.hypervolume === null ? missing : plainNumber(e.hypervolume)
      return [
        { text: e.name, tone: 'bold' },
        e.study,
        String(e.front.length),
        ends.best,
        ends.fastest,
        ends.smallestRam,
        ends.smallestFlash,
        e.hypervolume !== null && e.hypervolume === best ? { text: volume, tone: 'green' } : volume,
      ]
    }),
  )
  const matrix = render(
    [{ title: 'covers', shrinks: true }, ...view.entries.map((_, i) => right(`[${i + 1}]`))],
    view.entries.map(
      (a, i): Row => [
        `[${i + 1}] ${a.name}`,
        ...view.entries.map((b, j) => {
          const { share } = coverage(a.front, b.front, view.objectives, view.metric)
          return i === j || share === null ? missing : formatPercent(share, 0)
        }),
      ],
    ),
  )
  const reference = [...(view.notes ?? []), referenceNote(view)].join('; ')
  return [...overview, '', format === 'markdown' ? reference : `  ${style.paint.dim(reference)}`, '', ...matrix].join('\n')
}
