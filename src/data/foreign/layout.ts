import { usageError } from '../../util/errors.ts'
import { type GivenName, givenNames } from '../decoded.ts'
import type { FileEntry, FileTree } from '../read/tree.ts'

export type LabelColumns = readonly (string | number)[] | undefined

/** A layout of other programs, read as files that know their labels. */
export type Layout = {
  readonly matches: (tree: FileTree) => boolean
  /** Undefined where a closer look shows that it is something else. */
  readonly adapt: (tree: FileTree, label: LabelColumns) => Promise<Adapted | undefined>
}
export type Adapted = { readonly files: readonly FileEntry[]; readonly notes: readonly string[] }

const words: Readonly<Record<string, GivenName>> = {
  training: 'train',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  testing: 'test',
}

/** The split that a path names in one of its parts: `data/train-00000-of-00001.parquet`, `testing/x.json`. */
export function splitIn(path: string): GivenName {
  const word =
    /(?:^|[/._-])(train|training|val|valid|validation|dev|test|testing)(?=$|[/._-])/i.exec(path)?.[1]?.toLowerCase() ?? 'none'
  return words[word] ?? givenNames.find((name) => name === word) ?? 'none'
}

/** The extension that a picture or a sound should have, by its first bytes. */
export function extensionOf(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, 12))
  return /^(RIFF[\s\S]{4}WAVE|fLaC|OggS|ID3|\xff[\xe0-\xff])/.test(start) ? '.wav' : '.png'
}

const usual = /^(label|labels|class|target|category|y|coarse_label|fine_label|caption_class)$/i

/** Which of a list's columns are the labels: those asked for, the one of a usual name, or the only one there is. @throws TinyfrontError */
export function labelColumns(names: readonly string[], wanted: LabelColumns, where: string): readonly string[] {
  const missing = wanted?.find((name) => !names.includes(String(name)))
  if (missing !== undefined) throw usageError(`${where}: no column "${missing}"`, `its columns are ${names.join(', ')}`)
  if (wanted) return wanted.map(String)
  const named = names.filter((name) => usual.test(name))
  const found = named.length > 0 ? named : names
  if (found.length === 1) return found
  throw usageError(
    `${where}: which column is the label cannot be told`,
    `pass --label COLUMN; its columns are ${names.join(', ')}`,
  )
}
