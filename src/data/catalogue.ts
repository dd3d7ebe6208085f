import { nearestName, usageError } from '../util/errors.ts'
import type { GivenName, Unreadable } from './decoded.ts'
import type { Placed } from './manifest.ts'
import { columnOf, readTable } from './read/table.ts'
import { type FileEntry, type FileTree, readPlain } from './read/tree.ts'

/** One file to decode, and what is known about it before it is opened. */
export type Item = {
  readonly file: FileEntry
  /** A text for each label column; undefined where neither a list nor a folder says. */
  readonly labels: readonly string[] | undefined
  readonly group: string | undefined
  /** Ranges of rows and the split each belongs to; one range over everything for most files. */
  readonly parts: readonly { readonly split: GivenName; readonly from: number; readonly to: number }[]
  /** Factor for all values. */
  readonly scale: number
}
export type Catalogue = {
  readonly items: readonly Item[]
  readonly unreadable: readonly Unreadable[]
  readonly notes: readonly string[]
}

const splitWords: Readonly<Record<string, GivenName>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  test: 'test',
  testing: 'test',
}
export const splitOf = (word: string): GivenName | undefined =>
  Object.hasOwn(splitWords, word.toLowerCase()) ? splitWords[word.toLowerCase()] : undefined

/** What files a data set consists of: from its split list, or from folders `class/file` or `split/class/file`. */
export function catalogue(tree: FileTree, placed: Placed, extensions: RegExp): Catalogue {
  const groupOf = groupFinder(placed)
  const files = tree.files.filter((f) => extensions.test(f.path))
  const found = placed.manifest.splits ? fromList(files, placed, groupOf) : fromFolders(files, groupOf)
  if (found.items.length === 0)
    throw usageError(
      `${tree.root}: no file of this kind in it (${extensions.source})`,
      'name the folder with one folder per class, or write a dataset.json',
    )
  return found
}

function groupFinder({ manifest }: Placed): (path: string) => string | undefined {
  if (!manifest.groupPattern) return () => undefined
  let pattern: RegExp
  try {
    pattern = new RegExp(manifest.groupPattern)
  } catch (cause) {
    throw usageError(`groupPattern: ${(cause as Error).message}`, 'write a regular expression with one bracket', cause)
  }
  return (path) => pattern.exec(path)?.[1]
}

function fromFolders(files: readonly FileEntry[], groupOf: (path: string) => string | undefined): Catalogue {
  const items: Item[] = []
  for (const file of files) {
    const parts = file.path.split('/')
    const split = parts.length > 1 ? splitOf(parts[0]!) : undefined
    if (split) parts.shift()
    const folder = parts.length > 1 ? parts[0]! : undefined
    if (folder?.startsWith('_')) continue
    const all = [{ split: split ?? 'none', from: 0, to: Infinity }] as const
    items.push({ file, labels: folder === undefined ? undefined : [folder], group: groupOf(file.path), parts: all, scale: 1 })
  }
  return { items, unreadable: [], notes: [] }
}

function fromList(files: readonly FileEntry[], placed: Placed, groupOf: (path: string) => string | undefined): Catalogue {
  const list = placed.manifest.splits!
  const table = readTable(readPlain(placed.resolve(list.file)), 'yes')
  const need = (name: string | undefined): number | undefined => {
    if (name === undefined) return undefined
    const at = columnOf(table, name)
    if (at !== undefined) return at
    const near = nearestName(name, table.header ?? [])
    throw usageError(
      `${list.file}: no column "${name}"`,
      near ? `did you mean "${near}"?` : `its columns are ${(table.header ?? []).join(', ')}`,
    )
  }
  const labels = list.label === undefined ? undefined : [list.label].flat().map((name) => need(name)!)
  const [path, split, group, scale] = [need(list.path)!, need(list.split), need(list.group), need(list.scale)]
  const byPath = new Map(files.map((f) => [f.path, f]))
  const items: Item[] = []
  const unreadable: Unreadable[] = []
  const leftOut = new Map<string, number>()
  for (const row of table.rows) {
    const name = row[path]!
    const file = byPath.get(name)
    const parts = split === undefined ? [{ split: 'none' as const, from: 0, to: Infinity }] : parseParts(row[split]!)
    if (parts.length === 0) leftOut.set(row[split!]!, (leftOut.get(row[split!]!) ?? 0) + 1)
    else if (!file) unreadable.push({ file: name, reason: `named in ${list.file}, but missing` })
    else
      items.push({
        file,
        labels: labels ? labels.map((at) => row[at]!) : folderOf(name),
        group: group === undefined ? groupOf(name) : row[group],
        parts,
        scale: scale === undefined ? 1 : Number(row[scale]),
      })
  }
  const notes = [...leftOut].map(([word, n]) => `${n} examples of split "${word}" were left out`)
  return { items, unreadable, notes }
}

const folderOf = (path: string): string[] | undefined => (path.includes('/') ? path.split('/').slice(0, 1) : undefined)

/** "train", or "train:0-146362;val:146362-182953" (rows, end not included). Nothing for a word that is no split. */
function parseParts(text: string): Item['parts'] {
  return text.split(';').flatMap((piece) => {
    const match = /^\s*(\w+)(?::(\d+)-(\d+))?\s*$/.exec(piece)
    const split = match && splitOf(match[1]!)
    return split ? [{ split, from: Number(match[2] ?? 0), to: match[3] === undefined ? Infinity : Number(match[3]) }] : []
  })
}
