import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { taskOf } from '../task/lookup.ts'
import { usageError } from '../util/errors.ts'
import { splitOf } from './catalogue.ts'
import { groupIds, readLabels } from './collect.ts'
import { type Columns, cellNumber, columnsOf, lastsInTime, layoutOf } from './columns.ts'
import { type Decoded, type GivenName, givenNames, sharedFloats } from './decoded.ts'
import { givenByRow } from './given-by-row.ts'
import { indispensable } from './indispensable.ts'
import { labelOf, type Placed } from './manifest.ts'
import { checkTotal } from './read/limits.ts'
import type { Table } from './read/table.ts'
import { readTableFile } from './table-file.ts'

type Row = {
  readonly values: Float32Array
  readonly labels: readonly string[]
  readonly group: string | undefined
  readonly given: GivenName
  readonly source: string
  readonly at: number
}

/** Tables whose columns have names and roles of their own: one example a row, labels as the task reads them. */
export async function loadRows(placed: Placed): Promise<Decoded> {
  const { manifest } = placed
  const files = (['train', 'val', 'test'] as const).flatMap((split) =>
    manifest.table?.[split] ? [{ split, file: manifest.table[split] }] : [],
  )
  const read: { table: Table; columns: Columns; file: string; split: GivenName }[] = []
  for (const { split, file } of files) {
    const table = await indispensable(join(placed.path, file), readTableFile)
    read.push({
      table,
      columns: columnsOf(table, labelOf(manifest), file, manifest.table?.columns),
      file,
      split: files.length > 1 ? split : 'none',
    })
  }
  const first = read[0]
  if (!first) throw usageError(`${placed.path}: "table" names no file`, 'say table.train in the manifest')
  const names = channelNames(first)
  for (const other of read)
    if (channelNames(other).join('\n') !== names.join('\n'))
      throw usageError(`${other.file}: its columns are not those of ${first.file}`, 'bring both files to the same columns')
  const layout = manifest.table?.shape ?? layoutOf(first.table, first.columns.channels).shape
  if (layout[0] * layout[1] * layout[2] !== names.length)
    throw usageError(`table.shape ${layout.join(' x ')} does not hold ${names.length} columns`, 'leave it out, or name the label')
  const given = listed(placed)
  let before = 0
  const rows = read.flatMap((part) => {
    checkTotal(part.table.rows.length, names.length * 4, part.file)
    const found = rowsOf(part.table, part.columns, part.split, part.file, (r) => given?.get(before + r))
    before += part.table.rows.length
    return found
  })
  if (rows.length === 0) throw usageError(`${first.file}: every row has a missing value`, 'fill them, or leave those columns out')
  const samples = sharedFloats(rows.length * names.length)
  rows.forEach(({ values }, k) => {
    samples.set(values, k * names.length)
  })
  const groups = first.columns.group === undefined ? undefined : groupIds(rows.map((row) => row.group))
  const ordered =
    first.columns.time !== undefined ||
    (taskOf(manifest.task).classOf !== null && lastsInTime(first.table, first.columns.labels[0]!))
  const inTime = ordered && read.length === 1 && !groups
  return {
    name: manifest.name ?? basename(first.file),
    kind: manifest.kind,
    shape: layout,
    ...readLabels(
      rows.map((row) => row.labels),
      manifest.task,
    ),
    samples,
    ...(groups ? { groups } : {}),
    ...(rows.some((row) => row.given !== 'none') ? { given: Uint8Array.from(rows, (row) => givenNames.indexOf(row.given)) } : {}),
    ...(inTime
      ? { windows: { recording: new Int32Array(rows.length), start: Int32Array.from(rows, (row) => row.at), length: 1 } }
      : {}),
    sources: rows.map((row) => row.source),
    frontEnd: { kind: 'table', shape: layout, ...(layout[2] === names.length ? { channels: names } : {}) },
    unreadable: [],
    notes: [
      ...notesOf(first.table, first.columns, names.length, before - rows.length, placed),
      ...(inTime && first.columns.time === undefined
        ? ['rows seem to follow each other in time: their class lasts longer than chance would let it']
        : []),
    ],
  }
}

const channelNames = ({ table, columns }: { table: Table; columns: Columns }): string[] =>
  columns.channels.map((c) => table.header?.[c] ?? `column ${c}`)

/** The rows that lack nothing. */
function rowsOf(
  table: Table,
  columns: Columns,
  split: GivenName,
  file: string,
  listedSplit: (row: number) => GivenName | undefined,
): Row[] {
  return table.rows.flatMap((cells, r) => {
    const values = columns.channels.map((c) => cellNumber(cells[c] ?? ''))
    const labels = columns.labels.map((c) => cells[c] ?? '')
    const word = values.indexOf(undefined)
    if (word >= 0)
      throw usageError(
        `${file}: row ${r + 1}: "${cells[columns.channels[word]!]}" is not a number`,
        'mend it; an empty cell, NA, NaN and ? stand for a missing value',
      )
    if (values.includes(null) || labels.some((text) => cellNumber(text) === null)) return []
    const own = columns.split === undefined ? undefined : splitOf(cells[columns.split]!)
    return [
      {
        values: Float32Array.from(values as number[]),
        labels,
        group: columns.group === undefined ? undefined : cells[columns.group],
        given: listedSplit(r) ?? own ?? split,
        source: `${file} row ${r + 1}`,
        at: r,
      },
    ]
  })
}

/** Splits by row, from the manifest's list. */
function listed(placed: Placed): Map<number, GivenName> | undefined {
  const { splits } = placed.manifest
  return splits && existsSync(placed.resolve(splits.file)) ? givenByRow(placed) : undefined
}

function notesOf(table: Table, columns: Columns, width: number, incomplete: number, { manifest }: Placed): string[] {
  const label = columns.labels.map((c) => `"${table.header?.[c] ?? `column ${c}`}"`).join(', ')
  const as = taskOf(manifest.task).classOf ? 'a class' : 'a number'
  return [
    `each row is one example: ${width} columns of numbers, label ${label} as ${as} (--label, and dataset.json, say otherwise)`,
    ...(columns.leftOut.length > 0 ? [`columns left out: ${columns.leftOut.join(', ')}`] : []),
    ...(incomplete > 0 ? [`${incomplete} rows with missing values were left out`] : []),
  ]
}
