import { BadFile } from './read/limits.ts'
import { readParquet, tableOf } from './read/parquet.ts'
import { readTable, type Table } from './read/table.ts'

/** Files that hold a table; any other file of plain text is tried as well, when it is named itself. */
export const tableFiles = /\.(csv|tsv|txt|data|dat|parquet)(\.gz)?$/i

/** A table by its content: parquet, or text with any usual delimiter. @throws BadFile */
export async function readTableFile(bytes: Uint8Array): Promise<Table> {
  if (String.fromCharCode(...bytes.subarray(0, 4)) === 'PAR1') return tableOf(await readParquet(bytes))
  if (bytes.subarray(0, 4096).includes(0) && !(bytes[0] === 0xff && bytes[1] === 0xfe)) throw new BadFile('not a table of text')
  return readTable(bytes)
}
