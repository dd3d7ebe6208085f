import { parse } from 'csv-parse/sync'
import { nearestName, type TinyfrontError, usageError } from '../../util/errors.ts'
import { BadFile } from './limits.ts'

/** A delimited text file; `header` is undefined where the first row is data. */
export type Table = { readonly header: readonly string[] | undefined; readonly rows: readonly (readonly string[])[] }

/**
 * CSV and its kin: comma, semicolon, tab or blanks, found from the first line. The first row is a header if a cell of it is not a number
 * while the cell below is, or if none of it is a number. @throws BadFile for ragged or unclosed rows and for empty files.
 */
export function readTable(bytes: Uint8Array, headerMode: 'guess' | 'yes' | 'no' = 'guess'): Table {
  let rows: string[][]
  try {
    // a spreadsheet's "Unicode text"
    const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8'
    const text = new TextDecoder(encoding).decode(bytes)
    const line = text.slice(0, text.search(/[\r\n]|$/)).trim()
    const delimiter = ['\t', ';', ','].find((d) => line.includes(d)) ?? ' '
    // columns of text padded with blanks: several blanks are one delimiter
    rows = parse(delimiter === ' ' ? text.replace(/ +/g, ' ').replace(/^ | $/gm, '') : text, {
      delimiter,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      ignore_last_delimiters: false,
    }) as string[][]
    if (delimiter !== ',') pointForComma(rows)
  } catch (cause) {
    throw new BadFile((cause as Error).message)
  }
  const [first, second] = rows
  if (!first) throw new BadFile('empty table')
  const words = first.map((cell) => !isNumber(cell))
  const hasHeader =
    headerMode === 'guess'
      ? words.every(Boolean) || words.some((word, k) => word && second !== undefined && isNumber(second[k] ?? ''))
      : headerMode === 'yes'
  return hasHeader ? { header: first, rows: rows.slice(1) } : { header: undefined, rows }
}

const withComma = /^[+-]?(\d{1,3}(\.\d{3})+|\d*),\d+(e[+-]?\d+)?$/i
const withPoint = /^[+-]?\d*\.\d+(e[+-]?\d+)?$/i

/** Numbers as half the world writes them, 1.234,5: only where no other cell has a point of its own. */
function pointForComma(rows: string[][]): void {
  if (!rows.some((row) => row.some((cell) => withComma.test(cell)))) return
  if (rows.some((row) => row.some((cell) => withPoint.test(cell)))) return
  for (const row of rows)
    for (const [k, cell] of row.entries()) if (withComma.test(cell)) row[k] = cell.replaceAll('.', '').replace(',', '.')
}

const isNumber = (cell: string): boolean => cell !== '' && Number.isFinite(Number(cell))

/** A cell as a number. @throws BadFile naming the row (counted from 1 as an editor does) and the text. */
export function numberAt(table: Table, row: number, column: number): number {
  const cell = table.rows[row]![column] ?? ''
  const value = Number(cell)
  if (cell === '' || !Number.isFinite(value))
    throw new BadFile(`row ${row + 1 + (table.header ? 1 : 0)}, column ${column + 1}: "${cell}" is not a number`)
  return value
}

/** Index of a column by name, or by number from 0. Undefined if there is none. */
export function columnOf(table: Table, name: string | number): number | undefined {
  if (typeof name === 'number') return name < (table.rows[0]?.length ?? 0) ? name : undefined
  const at = table.header?.indexOf(name) ?? -1
  return at < 0 ? undefined : at
}

/** What a person reads who named a column that the table does not have. */
export function noColumn({ header: known = [] }: Table, name: string | number, file: string): TinyfrontError {
  const near = nearestName(String(name), known)
  const remedy = known.length > 0 ? `its columns are ${known.join(', ')}` : 'it has no header: number the columns from 0'
  return usageError(`${file}: no column "${name}"`, near ? `did you mean "${near}"?` : remedy)
}
