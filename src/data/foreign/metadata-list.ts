import { posix } from 'node:path'
import { asUsageError, BadFile } from '../read/limits.ts'
import { imageFiles } from '../read/picture.ts'
import { soundFiles } from '../read/sound.ts'
import { readTable, type Table } from '../read/table.ts'
import type { FileEntry, FileTree } from '../read/tree.ts'
import { readTableFile } from '../table-file.ts'
import { type Adapted, type LabelColumns, type Layout, labelColumns, splitIn } from './layout.ts'

const lists = /(^|\/)metadata\.(csv|jsonl|parquet)$/i

/** Hugging Face's image and audio folders: `metadata.csv`, `.jsonl` or `.parquet` beside the files, with a column `file_name`. */
export const metadataList: Layout = {
  matches: ({ files }) => files.some(({ path }) => lists.test(path)),
  adapt,
}

async function adapt(tree: FileTree, label: LabelColumns): Promise<Adapted | undefined> {
  const byPath = new Map(tree.files.map((file) => [file.path, file]))
  const found: FileEntry[] = []
  let missing = 0
  for (const list of tree.files.filter(({ path }) => lists.test(path))) {
    const table = await tableOf(list)
    const at = table.header?.indexOf('file_name') ?? -1
    if (!table.header || at < 0) continue
    const columns = labelColumns(
      table.header.filter((_, c) => c !== at),
      label,
      list.path,
    ).map((name) => table.header!.indexOf(name))
    for (const row of table.rows) {
      const path = posix.join(posix.dirname(list.path), row[at]!)
      const file = byPath.get(path)
      if (!file) missing++
      else if (imageFiles.test(path) || soundFiles.test(path))
        found.push({ ...file, known: { labels: columns.map((c) => row[c]!), split: splitIn(path) } })
    }
  }
  if (found.length === 0) return undefined
  const notes = missing > 0 ? [`${missing} files that metadata names are missing`] : []
  return { files: found.sort((a, b) => (a.path < b.path ? -1 : 1)), notes }
}

async function tableOf(file: FileEntry): Promise<Table> {
  try {
    if (/\.jsonl$/i.test(file.path)) return linesOf(file.read())
    return /\.csv$/i.test(file.path) ? readTable(file.read(), 'yes') : await readTableFile(file.read())
  } catch (cause) {
    throw cause instanceof BadFile ? asUsageError(file.path, cause) : cause
  }
}

/** One JSON object a line; the first says the columns. */
function linesOf(bytes: Uint8Array): Table {
  const lines = new TextDecoder()
    .decode(bytes)
    .split('\n')
    .filter((line) => line.trim())
  const objects = lines.map((line, n): Record<string, unknown> => {
    try {
      return Object(JSON.parse(line))
    } catch {
      throw new BadFile(`line ${n + 1} is not JSON`)
    }
  })
  const header = Object.keys(objects[0] ?? {})
  return { header, rows: objects.map((row) => header.map((name) => String(row[name] ?? ''))) }
}
