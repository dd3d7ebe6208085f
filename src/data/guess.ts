import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { z } from 'zod'
import { usageError } from '../util/errors.ts'
import { looksContinuous } from './columns.ts'
import { adapt } from './foreign/adapt.ts'
import { guessTable } from './guess-table.ts'
import { indispensable } from './indispensable.ts'
import { cifarPattern, idxPattern } from './load-arrays.ts'
import { labelTexts, layoutOfArray, readNpz } from './load-npz.ts'
import type { manifestSchema } from './manifest.ts'
import { passedOver } from './passed-over.ts'
import { imageFiles } from './read/picture.ts'
import { soundFiles } from './read/sound.ts'
import { columnOf, readTable, type Table } from './read/table.ts'
import { type FileTree, isArchive, openTree, readPlain } from './read/tree.ts'
import { seriesFiles } from './recording.ts'
import { tableFiles } from './table-file.ts'

type Guess = z.input<typeof manifestSchema>

/** A manifest made of what was found, and what it is of. */
export type Found = { readonly found: Guess; readonly path: string }
type Label = readonly (string | number)[] | undefined

/** What a file, folder or archive without a manifest seems to be, by the names in it. @throws TinyfrontError if it cannot be told. */
export async function guessManifest(path: string, label: Label): Promise<Found> {
  if (statSync(path).isDirectory()) return guessFolder(path, label)
  if (isArchive(path)) return { found: guessFiles((await adapt(openTree(path), label)).tree, nameOf(path), undefined), path }
  if (imageFiles.test(path) || soundFiles.test(path))
    throw usageError(`${path}: a single example is no data set`, 'name the folder with one folder per class')
  if (/\.npz$/i.test(path)) return guessNpz(path)
  if (/\.npy$/i.test(path)) return { found: { name: nameOf(path), kind: 'series' }, path }
  const foreign = await adapt(openTree(path), label)
  return foreign.foreign ? { found: guessFiles(foreign.tree, nameOf(path), undefined), path } : guessTable(path, label)
}

async function guessNpz(path: string): Promise<Found> {
  const parts = await indispensable(path, readNpz)
  const { kind } = layoutOfArray(parts[0]!.inputs)
  const texts = parts.flatMap(({ labels }) => labelTexts(labels))
  const task = texts[0]?.length === 1 && !looksContinuous(texts.flat()) ? 'classification' : 'regression'
  return { found: { name: nameOf(path), kind, task, format: 'npz' }, path }
}

async function guessFolder(path: string, label: Label): Promise<Found> {
  const name = nameOf(path)
  const here = readdirSync(path)
  if (here.some((f) => idxPattern.test(f))) return { found: { name, kind: 'image', format: 'idx' }, path }
  if (here.some((f) => cifarPattern.test(f))) return { found: { name, kind: 'image', format: 'cifar10' }, path }
  const archives = here.filter(isArchive)
  const folders = readdirSync(path, { withFileTypes: true }).some((f) => f.isDirectory() && !f.name.startsWith('.'))
  const packed = here.filter((f) => /\.npz$/i.test(f))
  if (packed.length === 1 && !folders && !here.some((f) => kindOfFile(f))) return guessNpz(join(path, packed[0]!))
  if (archives.length > 1 && !folders)
    throw usageError(`${path}: several archives: ${archives.join(', ')}`, 'name one of them, or write a dataset.json')
  const splits = here.includes('splits.csv') ? listColumns(join(path, 'splits.csv')) : undefined
  const files = archives.length === 1 && !folders ? join(path, archives[0]!) : path
  const { tree, foreign } = splits ? { tree: openTree(files), foreign: false } : await adapt(openTree(files), label)
  const table = foreign || files !== path ? undefined : await tablesIn(path, tree, label)
  return table ? withList(table, path, splits) : { found: guessFiles(tree, name, splits), path }
}

/** Tables that are no recordings by their names: train and test, a single one that is packed, or parquet, there or in `data/`. */
async function tablesIn(path: string, { files }: FileTree, label: Label): Promise<Found | undefined> {
  const tables = files.flatMap((f) => (tableFiles.test(f.path) && !besideTables.test(f.path) ? [f.path] : []))
  if (new Set(tables.map((file) => dirname(file))).size !== 1) return undefined
  const part = (word: string) => tables.find((file) => basename(file).toLowerCase().startsWith(word))
  const [train, val, test] = [part('train'), part('val'), part('test')]
  if (train && test && tables.length === (val ? 3 : 2))
    return guessTable(join(path, train), label, { ...(val ? { val: basename(val) } : {}), test: basename(test) })
  const [single] = tables
  return tables.length === 1 && !files.some((f) => kindOfFile(f.path)) ? guessTable(join(path, single!), label) : undefined
}

const besideTables = /(^|\/)(splits\.csv$|readme|licen[cs]e|classes)/i

/** A list of rows beside a table names them in a column "row". */
function withList({ found, path }: Found, folder: string, splits: Guess['splits']): Found {
  const list = join(folder, 'splits.csv')
  if (!splits || found.format !== 'table' || columnOf(readTable(readPlain(list), 'yes'), 'row') === undefined)
    return { found, path }
  return { found: { ...found, splits: { file: list, path: 'row', split: 'split' } }, path }
}

const nameOf = (path: string): string => basename(path).replace(/\.(tar\.gz|tgz|tar|zip|npy|npz|parquet)$/i, '')

const kindOfFile = (path: string): Guess['kind'] | undefined =>
  imageFiles.test(path)
    ? 'image'
    : soundFiles.test(path)
      ? 'audio'
      : seriesFiles.test(path) && path !== 'splits.csv'
        ? 'series'
        : undefined

function guessFiles(tree: FileTree, name: string, splits: Guess['splits']): Guess {
  const known = tree.files.flatMap((f) => f.known?.labels ?? [])
  const count = (pattern: RegExp) => tree.files.filter((f) => pattern.test(f.path)).length
  const [images, sounds, tables] = [count(imageFiles), count(soundFiles), count(seriesFiles)]
  const kind = images > 0 && images >= sounds ? 'image' : sounds > 0 ? 'audio' : tables > 0 ? 'series' : undefined
  if (!kind)
    throw usageError(
      `${tree.root}: no pictures, sounds or recordings in it, but ${passedOver(tree, /(?!)/, []) ?? 'nothing'}`,
      'what works: .png .jpg .webp .gif .bmp .tiff, .wav .flac .ogg .mp3, or .csv .npy in one folder per class; a table (.csv .parquet), .npz (docs/data.md)',
    )
  const task = known.length > 0 && looksContinuous(known) ? { task: 'regression' as const } : {}
  return { name, kind, ...task, ...(splits ? { splits } : {}) }
}

/** Which columns of a split list mean what, by their usual names. */
function listColumns(file: string): NonNullable<Guess['splits']> {
  const table = readTable(readPlain(file), 'yes')
  const path = first(table, ['path', 'file', 'filename', 'name', 'row'])
  if (!path)
    throw usageError(`${file}: no column "path"`, 'the columns are path, label, split and group; say others in a dataset.json')
  const [label, split, group] = [
    first(table, ['label', 'class']),
    first(table, ['split', 'set', 'fold']),
    first(table, ['group', 'speaker', 'subject', 'machine', 'session']),
  ]
  return { file, path, ...(label ? { label } : {}), ...(split ? { split } : {}), ...(group ? { group } : {}) }
}

const first = (table: Table, names: readonly string[]): string | undefined =>
  names.find((name) => columnOf(table, name) !== undefined)
