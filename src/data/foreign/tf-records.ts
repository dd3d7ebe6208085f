import { gunzip, isGzip } from '../read/gzip.ts'
import { asUsageError, BadFile, limits } from '../read/limits.ts'
import { readTfRecords, type TfExample } from '../read/tf-record.ts'
import type { FileEntry, FileTree } from '../read/tree.ts'
import { type Adapted, extensionOf, type LabelColumns, type Layout, labelColumns, splitIn } from './layout.ts'

const records = /\.tfrecords?([-.]\d+-of-\d+)?(\.gz)?$/i

/** TensorFlow's records with a picture or a sound and its label (TFDS, Model Garden): `image` or `image/encoded`, `label` or `image/class/text`. */
export const tfRecords: Layout = {
  matches: ({ files }) => files.some(({ path }) => records.test(path)),
  adapt: async (tree, label) => adapt(tree, label),
}

const contents = ['image/encoded', 'image', 'audio', 'audio/encoded', 'image_raw']
const texts = ['image/class/text', 'image/class/label']

function adapt(tree: FileTree, label: LabelColumns): Adapted | undefined {
  const found: FileEntry[] = []
  let without = 0
  for (const file of tree.files.filter(({ path }) => records.test(path))) {
    const examples = examplesAt(file)
    const keys = [...new Set(examples.slice(0, 100).flatMap((example) => [...example.keys()]))].sort()
    const content = contents.find((key) => keys.includes(key))
    if (content === undefined)
      throw asUsageError(file.path, new BadFile(`keys ${keys.join(', ')}: none of ${contents.join(', ')} is among them`))
    const usual = texts.find((key) => keys.includes(key))
    const columns =
      !label && usual
        ? [usual]
        : labelColumns(
            keys.filter((key) => key !== content),
            label,
            file.path,
          )
    const split = splitIn(file.path)
    for (const [r, example] of examples.entries()) {
      const bytes = example.get(content)?.bytes
      const labels = columns.map((key) => example.get(key)?.text ?? '')
      if (!bytes || labels.includes('')) without++
      else found.push({ path: `${file.path}/${r}${extensionOf(bytes)}`, read: () => bytes, known: { labels, split } })
    }
  }
  if (found.length === 0) return undefined
  return { files: found, notes: without > 0 ? [`${without} records without an example or a label were left out`] : [] }
}

function examplesAt(file: FileEntry): TfExample[] {
  try {
    const bytes = file.read()
    return readTfRecords(isGzip(bytes) ? gunzip(bytes, limits.fileBytes) : bytes)
  } catch (cause) {
    throw cause instanceof BadFile ? asUsageError(file.path, cause) : cause
  }
}
