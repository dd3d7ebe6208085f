import { printable } from './markup.ts'
import { displayWidth, pad, truncate } from './width.ts'

/** Colours are injected, so NO_COLOR, pipes and tests need no special case. `picocolors.createColors(on)` is one. */
export type Paint = Readonly<Record<'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan', (text: string) => string>>
export type Tone = keyof Paint

const same = (text: string): string => text
export const noPaint: Paint = { bold: same, dim: same, green: same, yellow: same, red: same, cyan: same }

export type Style = { readonly paint: Paint; readonly glyphs: 'unicode' | 'ascii'; readonly width: number }
export type TableFormat = 'terminal' | 'markdown'
/** For pipes, logs and tests. */
export const plainStyle: Style = { paint: noPaint, glyphs: 'unicode', width: 120 }

export type Column = {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** May be cut when the table is wider than the terminal. */
  readonly shrinks?: true
  /** Dropped, highest first, where cutting is not enough. */
  readonly drop?: number
  /** Spaces before this column; 2 unless told. */
  readonly gap?: number
}
export type Cell = string | { readonly text: string; readonly tone: Tone }
export type Row = readonly Cell[]

const textOf = (cell: Cell | undefined): string =>
  printable(cell === undefined ? '' : typeof cell === 'string' ? cell : cell.text)
const toneOf = (cell: Cell | undefined): Tone | undefined =>
  cell === undefined || typeof cell === 'string' ? undefined : cell.tone

/**
 * Lines of a table for a terminal: a dim header, numbers to the right, no frame. If it is wider than `style.width`, the column that `shrinks` is cut down to 16; where that is
 * not enough, columns with `drop` go, highest first. No line ends in spaces.
 */
export function terminalTable(columns: readonly Column[], rows: readonly Row[], style: Style, indent = 2): string[] {
  const cells = rows.map((row) => columns.map((_, c) => textOf(row[c])))
  const widths = columns.map((column, c) => Math.max(displayWidth(column.title), ...cells.map((row) => displayWidth(row[c]!))))
  const kept = fit(columns, widths, style.width - indent)
  const line = (text: (c: number) => string, tone: (c: number) => Tone | undefined): string => {
    let out = ' '.repeat(indent)
    kept.forEach((c, position) => {
      const column = columns[c]!
      const align = column.align ?? 'left'
      const shown = truncate(text(c), widths[c]!, style.glyphs === 'ascii' ? '...' : '…')
      // The last column needs no padding to the right; trailing spaces wrap and copy badly.
      const padded = position === kept.length - 1 && align === 'left' ? shown : pad(shown, widths[c]!, align)
      const name = tone(c)
      out += (position === 0 ? '' : ' '.repeat(column.gap ?? 2)) + (name && shown.trim() ? style.paint[name](padded) : padded)
    })
    return out.trimEnd()
  }
  const header = line(
    (c) => columns[c]!.title,
    () => 'dim',
  )
  const body = rows.map((row, r) =>
    line(
      (c) => cells[r]![c]!,
      (c) => toneOf(row[c]),
    ),
  )
  return [header, ...body]
}

/** Which columns stay; shortens `widths` of the shrinking one in place. */
function fit(columns: readonly Column[], widths: number[], available: number): number[] {
  let kept = columns.map((_, c) => c)
  const total = () => kept.reduce((sum, c, position) => sum + widths[c]! + (position === 0 ? 0 : (columns[c]!.gap ?? 2)), 0)
  const shrinking = columns.findIndex((column) => column.shrinks)
  const least = shrinking < 0 ? 0 : Math.min(widths[shrinking]!, 16)
  const slack = () => (kept.includes(shrinking) ? widths[shrinking]! - least : 0)
  const droppable = kept.filter((c) => columns[c]!.drop !== undefined).sort((a, b) => columns[b]!.drop! - columns[a]!.drop!)
  for (const c of droppable) {
    if (total() - slack() <= available) break
    kept = kept.filter((k) => k !== c)
  }
  if (kept.includes(shrinking)) widths[shrinking] = Math.max(least, widths[shrinking]! - Math.max(0, total() - available))
  return kept
}

/** The same table in GitHub Markdown, padded so that it also reads well as text. */
export function markdownTable(columns: readonly Column[], rows: readonly Row[]): string[] {
  const clean = (cell: Cell | undefined) => textOf(cell).replace(/[\\|`*_<>[\]]/g, '\\$&')
  const texts = [columns.map((c) => clean(c.title)), ...rows.map((row) => columns.map((_, c) => clean(row[c])))]
  const widths = columns.map((_, c) => Math.max(3, ...texts.map((row) => displayWidth(row[c]!))))
  const line = (row: readonly string[]) =>
    `| ${row.map((text, c) => pad(text, widths[c]!, columns[c]!.align ?? 'left')).join(' | ')} |`
  const rule = `| ${widths.map((w, c) => (columns[c]!.align === 'right' ? `${'-'.repeat(w - 1)}:` : '-'.repeat(w))).join(' | ')} |`
  return [line(texts[0]!), rule, ...texts.slice(1).map(line)]
}
