import { basename, dirname } from 'node:path'
import type { z } from 'zod'
import { columnsOf, labelRun, layoutOf, looksContinuous } from './columns.ts'
import { indispensable } from './indispensable.ts'
import type { manifestSchema } from './manifest.ts'
import { readTableFile } from './table-file.ts'
import { findTriads } from './triads.ts'

type Guess = z.input<typeof manifestSchema>
type Label = readonly (string | number)[] | undefined

/** Rows that a label lasts in a recording: below it, each row is an example of its own. */
const rowsOfOneAction = 16

/** The usual 128 rows, or the largest power of two of which two fit into one action. */
function lengthFor(run: number): number {
  let length = rowsOfOneAction / 2
  while (length < 128 && 4 * length <= run) length *= 2
  return length
}

/**
 * What a single table is. A recording, where it counts time (or has a three-axis sensor) and its class lasts over many rows; else each row is an
 * example, and its label a class or a number by what stands in it.
 */
export async function guessTable(
  file: string,
  label: Label,
  rest: { val?: string; test?: string } = {},
): Promise<{ found: Guess; path: string }> {
  const table = await indispensable(file, readTableFile)
  const columns = columnsOf(table, label, basename(file))
  const texts = table.rows.map((row) => row[columns.labels[0]!]!)
  const name = basename(file)
    .replace(/\.gz$/i, '')
    .replace(/\.[^.]*$/, '')
  const task = columns.labels.length === 1 && !looksContinuous(texts) ? 'classification' : 'regression'
  const sensors = columns.time !== undefined || findTriads(columns.channels.map((c) => table.header?.[c] ?? '')).length > 0
  const at = columns.labels.map((c) => table.header?.[c] ?? c)
  const one = at.length === 1 ? at[0]! : at
  const run = task === 'classification' && sensors ? labelRun(table, columns.labels[0]!) : 0
  if (run >= rowsOfOneAction)
    return { found: { name, kind: 'series', label: one, window: { length: lengthFor(run) } }, path: file }
  const { kind } = layoutOf(table, columns.channels)
  const alike = kind === 'image' ? { flip: false } : { shift: 0, gain: 0, rotate: 0 }
  return {
    found: { name, kind, task, format: 'table', label: one, table: { train: basename(file), ...rest }, augmentation: alike },
    path: dirname(file),
  }
}
