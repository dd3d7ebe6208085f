import { asUsageError, BadFile } from '../read/limits.ts'
import { type Parquet, readParquet } from '../read/parquet.ts'
import type { ParquetRow } from '../read/parquet-thread.ts'
import type { FileEntry, FileTree } from '../read/tree.ts'
import { type Adapted, extensionOf, type LabelColumns, type Layout, labelColumns, splitIn } from './layout.ts'

/** Parquet as Hugging Face stores pictures and sounds: a column of structs with `bytes`, and a label beside it. */
export const parquetExamples: Layout = {
  matches: ({ files }) => files.some(({ path }) => /\.parquet$/i.test(path)),
  adapt,
}

async function adapt(tree: FileTree, label: LabelColumns): Promise<Adapted | undefined> {
  const found: FileEntry[] = []
  let without = 0
  for (const file of tree.files.filter(({ path }) => /\.parquet$/i.test(path))) {
    const parquet = await parquetAt(file)
    const content = parquet.columns.find((name) => parquet.rows.some((row) => bytesIn(row[name])))
    if (content === undefined) continue
    const columns = labelsOf(parquet, content, label, file.path)
    const split = splitIn(file.path)
    for (const [r, row] of parquet.rows.entries()) {
      const bytes = bytesIn(row[content])
      const labels = columns.map((name) => textOf(row, name, parquet))
      if (!bytes || labels.includes('')) without++
      else found.push({ path: `${file.path}/${r}${extensionOf(bytes)}`, read: () => bytes, known: { labels, split } })
    }
  }
  if (found.length === 0) return undefined
  return { files: found, notes: without > 0 ? [`${without} rows without an example or a label were left out`] : [] }
}

async function parquetAt(file: FileEntry): Promise<Parquet> {
  try {
    return await readParquet(file.read())
  } catch (cause) {
    throw cause instanceof BadFile ? asUsageError(file.path, cause) : cause
  }
}

function bytesIn(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'object' || value === null || !('bytes' in value)) return undefined
  return value.bytes instanceof Uint8Array ? value.bytes : undefined
}

/** A column whose header names classes is the label, whatever its name is. */
function labelsOf({ columns, classes }: Parquet, content: string, label: LabelColumns, where: string): readonly string[] {
  const named = Object.keys(classes).filter((name) => columns.includes(name))
  if (!label && named.length === 1) return named
  return labelColumns(
    columns.filter((name) => name !== content),
    label,
    where,
  )
}

function textOf(row: ParquetRow, column: string, { classes }: Parquet): string {
  const value = row[column]
  if (value === null || value === undefined) return ''
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  return classes[column]?.[Number(value)] ?? String(value)
}
