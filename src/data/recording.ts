import type { Manifest } from './manifest.ts'
import { BadFile } from './read/limits.ts'
import { readNpy } from './read/npy.ts'
import { columnOf, noColumn, numberAt, readTable, type Table } from './read/table.ts'
import type { FileEntry } from './read/tree.ts'

/** A multi-channel recording: `values` is `[rows, channels]`; `labels` has the label columns that the file states, each with a text for every row. */
export type Recording = {
  readonly rows: number
  readonly channels: readonly string[]
  readonly values: Float32Array
  readonly labels: readonly (readonly string[])[] | undefined
}

export const seriesFiles = /\.(csv|tsv|txt|npy)$/i

/** Columns that count time or rows, not measurements. */
export const timeLike = /^(t|time|timestamp|seconds?|index|row|sample|.*_(ms|us|ns|time|timestamp))$/i

/** Reads one recording. @throws BadFile; @throws TinyfrontError when a column that the manifest names is missing from `isFirst`'s file. */
export function readRecording(file: FileEntry, window: Manifest['window'], scale: number, isFirst: boolean): Recording {
  if (/\.npy$/i.test(file.path)) return readArray(file, scale)
  const table = readTable(file.read())
  const label =
    window.label === undefined ? guessLabel(table) : [window.label].flat().map((name) => need(table, name, file.path, isFirst))
  const columns = window.channels
    ? window.channels.map((name) => need(table, name, file.path, isFirst))
    : guessChannels(table, label)
  const rows = table.rows.length
  const values = new Float32Array(rows * columns.length)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns.length; c++) values[r * columns.length + c] = numberAt(table, r, columns[c]!) * scale
  return {
    rows,
    channels: columns.map((c) => table.header?.[c] ?? `column ${c}`),
    values,
    labels: label?.map((at) => table.rows.map((row) => row[at]!)),
  }
}

function readArray(file: FileEntry, scale: number): Recording {
  const array = readNpy(file.read())
  const values = new Float32Array(array.rows * array.columns)
  for (let r = 0; r < array.rows; r++)
    for (let c = 0; c < array.columns; c++) {
      const value = array.at(r, c) * scale
      if (!Number.isFinite(value)) throw new BadFile(`row ${r} is not a finite number`)
      values[r * array.columns + c] = value
    }
  return { rows: array.rows, channels: Array.from({ length: array.columns }, (_, c) => `column ${c}`), values, labels: undefined }
}

/** A named column. Missing from the first file, it is the manifest's mistake; missing from a later one, that file is broken. */
function need(table: Table, name: string | number, path: string, isFirst: boolean): number {
  const at = columnOf(table, name)
  if (at !== undefined) return at
  if (!isFirst) throw new BadFile(`no column "${name}"`)
  throw noColumn(table, name, path)
}

const guessLabel = (table: Table): number[] | undefined => {
  const at = table.header?.findIndex((name) => /^(label|class|activity|target)$/i.test(name)) ?? -1
  return at < 0 ? undefined : [at]
}

function guessChannels(table: Table, label: readonly number[] = []): number[] {
  const first = table.rows[0] ?? []
  const columns = first.flatMap((cell, c) =>
    !label.includes(c) && cell !== '' && Number.isFinite(Number(cell)) && !timeLike.test(table.header?.[c] ?? '') ? [c] : [],
  )
  if (columns.length === 0) throw new BadFile('no column of numbers')
  return columns
}
