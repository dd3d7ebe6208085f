import type { FileTree } from '../read/tree.ts'
import { edgeImpulse } from './edge-impulse.ts'
import type { LabelColumns, Layout } from './layout.ts'
import { metadataList } from './metadata-list.ts'
import { parquetExamples } from './parquet-examples.ts'
import { tfRecords } from './tf-records.ts'

/** Layouts of other programs, the most telling first. */
const layouts: readonly Layout[] = [edgeImpulse, metadataList, parquetExamples, tfRecords]

export type AdaptedTree = { readonly tree: FileTree; readonly notes: readonly string[]; readonly foreign: boolean }

/** The files of a data set with what a list or a container of another program says of them; the same tree where there is none. */
export async function adapt(tree: FileTree, label: LabelColumns): Promise<AdaptedTree> {
  for (const layout of layouts) {
    const found = layout.matches(tree) ? await layout.adapt(tree, label) : undefined
    if (found) return { tree: { root: tree.root, files: found.files }, notes: found.notes, foreign: true }
  }
  return { tree, notes: [], foreign: false }
}
