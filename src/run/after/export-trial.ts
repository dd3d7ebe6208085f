import { join } from 'node:path'
import { exportModel } from '../../export/bundle/bundle.ts'
import type { ExportFormat } from '../../export/bundle/formats.ts'
import type { Shrink } from '../../quant/shrink.ts'
import { writeAsked } from '../../util/write-whole.ts'
import type { StudyStore } from '../record/study-store.ts'
import { metaOf, modelOf } from './model-of.ts'
import { type ShrinkAccount, shrinkTrial } from './shrink-trial.ts'

export type Exported = {
  readonly folder: string
  readonly files: readonly string[]
  /** What fewer different weights cost and save, where that was asked for. */
  readonly account: ShrinkAccount | undefined
}

/** Writes the files of one network; without `out` into the study's own folder. */
export async function exportTrial(
  store: StudyStore,
  n: number,
  { format, how, out }: { readonly format: ExportFormat; readonly how: Shrink; readonly out?: string | undefined },
  resultsDir: string,
): Promise<Exported> {
  const shrinks = how.sparsity > 0 || how.clusters !== undefined
  const made = await modelOf(store, n, resultsDir)
  const { model, account } = shrinks ? await shrinkTrial(store, made, how, resultsDir) : { model: made, account: undefined }
  const folder = out ?? join(store.folder, 'export', folderName(n, format, how))
  const files = exportModel(model, metaOf(store, n), format)
  for (const { path, data } of files) writeAsked(join(folder, path), data)
  return { folder, files: files.map(({ path }) => join(folder, path)), account }
}

/** "trial-3-tflite", "trial-3-tflite-sparse50-16values" */
const folderName = (n: number, format: string, { sparsity, clusters }: Shrink): string =>
  [
    `trial-${n}-${format}`,
    ...(sparsity > 0 ? [`sparse${Math.round(100 * sparsity)}`] : []),
    ...(clusters === undefined ? [] : [`${clusters}values`]),
  ].join('-')
