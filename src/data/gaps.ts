import { usageError } from '../util/errors.ts'
import type { Table } from './read/table.ts'

/** Rows of a recording in one piece: no step of time is left out, and every value is known. */
export type Segment = {
  /** Its first row in the file. */
  readonly from: number
  readonly rows: number
  /** `[rows, channels]` */
  readonly values: Float32Array
  /** Seconds since 1970 of each row; absent without a time column. */
  readonly times?: Float64Array
}

/** What people write where a value is not known. */
export const isMissing = (cell: string): boolean => /^(nan|na|null)?$/i.test(cell.trim())

/**
 * Cuts a table where time leaps or values are missing for more than `maxGap` rows; shorter gaps of values are bridged by straight lines. No line reaches over a
 * leap of time, or over one of `borders`: the rows from which another part begins, which must not tell the part before them anything.
 *
 * @throws TinyfrontError where time jumps back, is not readable, or a cell is no number.
 */
export function bridged(
  table: Table,
  columns: readonly number[],
  time: number | undefined,
  maxGap: number,
  path: string,
  borders: readonly number[] = [],
): { readonly segments: Segment[]; readonly missing: number } {
  const width = columns.length
  const rows = table.rows.length
  const values = new Float64Array(rows * width)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < width; c++) {
      const cell = table.rows[r]![columns[c]!] ?? ''
      const value = isMissing(cell) ? Number.NaN : Number(cell)
      if (!isMissing(cell) && !Number.isFinite(value))
        throw usageError(
          `${path}: row ${r + 1}, column ${table.header?.[columns[c]!] ?? columns[c]}: "${cell.slice(0, 40)}" is not a number`,
          'mend it, or leave it empty: short gaps are bridged',
        )
      values[r * width + c] = value
    }
  const times = time === undefined ? undefined : timesOf(table, time, path)
  const usual = times && median(Array.from(times.subarray(1), (t, i) => t - times[i]!))
  const leaps = (r: number): boolean => times !== undefined && times[r]! - times[r - 1]! > 1.5 * usual!
  const missing = bridge(values, width, rows, maxGap, (r) => borders.includes(r) || leaps(r))
  const segments: Segment[] = []
  let from = 0
  const whole = (r: number) => {
    for (let c = 0; c < width; c++) if (Number.isNaN(values[r * width + c]!)) return false
    return true
  }
  const close = (to: number) => {
    if (to > from)
      segments.push({
        from,
        rows: to - from,
        values: Float32Array.from(values.subarray(from * width, to * width)),
        ...(times ? { times: times.slice(from, to) } : {}),
      })
  }
  for (let r = 0; r < rows; r++) {
    if (r > from && leaps(r)) {
      close(r)
      from = r
    }
    if (whole(r)) continue
    close(r)
    from = r + 1
  }
  close(rows)
  return { segments, missing }
}

/** Fills gaps of at most `most` rows between known values, where no row of the gap or after it begins something new; gives how many values that were. */
function bridge(values: Float64Array, width: number, rows: number, most: number, begins: (row: number) => boolean): number {
  let filled = 0
  for (let c = 0; c < width; c++)
    for (let r = 1; r < rows; r++) {
      if (!Number.isNaN(values[r * width + c]!) || Number.isNaN(values[(r - 1) * width + c]!)) continue
      let end = r
      let cut = begins(r)
      while (end < rows && Number.isNaN(values[end * width + c]!)) {
        end++
        cut ||= end < rows && begins(end)
      }
      if (end === rows || end - r > most || cut) {
        r = end
        continue
      }
      const [a, b] = [values[(r - 1) * width + c]!, values[end * width + c]!]
      for (let k = r; k < end; k++) values[k * width + c] = a + ((b - a) * (k - r + 1)) / (end - r + 1)
      filled += end - r
    }
  return filled
}

/** Seconds since 1970, from ISO texts or plain numbers of seconds. */
function timesOf(table: Table, column: number, path: string): Float64Array {
  const name = table.header?.[column] ?? String(column)
  const times = Float64Array.from(table.rows, (row, r) => {
    const cell = (row[column] ?? '').trim()
    const plain = cell === '' ? Number.NaN : Number(cell)
    // a clock without a zone is taken as it stands
    const at = Number.isFinite(plain)
      ? plain
      : Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(cell) ? cell : `${cell.replace(' ', 'T')}Z`) / 1000
    if (!Number.isFinite(at))
      throw usageError(
        `${path}: row ${r + 1}, ${name}: "${cell.slice(0, 40)}" is no time`,
        'write 2026-12-01T13:45:00, or seconds',
      )
    return at
  })
  const back = times.findIndex((t, r) => r > 0 && t <= times[r - 1]!)
  if (back > 0)
    throw usageError(
      `${path}: row ${back + 1}, ${name}: time jumps back, from "${table.rows[back - 1]![column]}" to "${table.rows[back]![column]}"`,
      'sort the rows by time, or put recordings into files of their own',
    )
  return times
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0
