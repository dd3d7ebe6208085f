import { usageError } from '../util/errors.ts'
import { type GivenName, givenNames } from './decoded.ts'
import type { Placed } from './manifest.ts'
import { columnOf, readTable } from './read/table.ts'
import { readPlain } from './read/tree.ts'

/** The split of each row of a table, from the manifest's list; words that are no split leave a row to us. */
export function givenByRow(placed: Placed): Map<number, GivenName> {
  const splits = placed.manifest.splits!
  const list = readTable(readPlain(placed.resolve(splits.file)), 'yes')
  const [row, split] = [columnOf(list, splits.path), columnOf(list, splits.split ?? 'split')]
  if (row === undefined || split === undefined)
    throw usageError(
      `${splits.file}: no column "${row === undefined ? splits.path : splits.split}"`,
      'name its columns in splits',
    )
  return new Map(list.rows.map((line) => [Number(line[row]), givenNames.find((name) => name === line[split]) ?? 'none']))
}
