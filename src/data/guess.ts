import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { z } from 'zod'
import { usageError } from '../util/errors.ts'
import { cifarPattern, idxPattern } from './load-arrays.ts'
import type { manifestSchema } from './manifest.ts'
import { passedOver } from './passed-over.ts'
import { imageFiles } from './read/picture.ts'
import { soundFiles } from './read/sound.ts'
import { columnOf, readTable, type Table } from './read/table.ts'
import { isArchive, openTree, readPlain } from './read/tree.ts'
import { seriesFiles } from './recording.ts'

type Guess = z.input<typeof manifestSchema>

/** What a folder or archive without a manifest seems to be, by the names in it. @throws TinyfrontError if it cannot be told. */
export function guessManifest(path: string): Guess {
  const name = basename(path).replace(/\.(tar\.gz|tgz|tar|zip)$/i, '')
  const folder = statSync(path).isDirectory()
  const here = folder ? readdirSync(path) : []
  if (here.some((f) => idxPattern.test(f))) return { name, kind: 'image', format: 'idx' }
  if (here.some((f) => cifarPattern.test(f))) return { name, kind: 'image', format: 'cifar10' }
  const archives = here.filter(isArchive)
  const folders = folder && readdirSync(path, { withFileTypes: true }).some((f) => f.isDirectory() && !f.name.startsWith('.'))
  if (archives.length > 1 && !folders)
    throw usageError(`${path}: several archives: ${archives.join(', ')}`, 'name one of them, or write a dataset.json')
  const tree = openTree(archives.length === 1 && !folders ? join(path, archives[0]!) : path)
  const count = (pattern: RegExp) => tree.files.filter((f) => pattern.test(f.path)).length
  const [images, sounds, tables] = [count(imageFiles), count(soundFiles), count(seriesFiles)]
  const splits = folder && existsSync(join(path, 'splits.csv')) ? listColumns(join(path, 'splits.csv')) : undefined
  const kind = images > 0 && images >= sounds ? 'image' : sounds > 0 ? 'audio' : tables > 0 ? 'series' : undefined
  if (!kind)
    throw usageError(
      `${path}: no pictures, sounds or recordings in it, but ${passedOver(tree, /(?!)/, []) ?? 'nothing'}`,
      'what works: .png .jpg .webp .gif .bmp .tiff, .wav .flac .ogg .mp3, or .csv .npy in one folder per class (see docs/data.md)',
    )
  return { name, kind, ...(splits ? { splits } : {}) }
}

/** Which columns of a split list mean what, by their usual names. */
function listColumns(file: string): Guess['splits'] {
  const table = readTable(readPlain(file), 'yes')
  const path = first(table, ['path', 'file', 'filename', 'name'])
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
