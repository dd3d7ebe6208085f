import { join } from 'node:path'
import { exportModel } from '../../export/bundle/bundle.ts'
import type { ExportFormat } from '../../export/bundle/formats.ts'
import type { Shrink } from '../../quant/shrink.ts'
import { writeAsked } from '../../util/write-whole.ts'
import type { StudyStore } from '../record/study-store.ts'
import { metaOf, modelOf } from './model-of.ts'
import { type ShrinkAccount, shrinkTrial } from './shrink-trial.ts'

export type ExportOptions = {
  readonly format: ExportFormat
  /** Absent: into the study's folder. */
  readonly out?: string | undefined
  /** What symbols and files begin with, where the format has code; absent = tinyfront (c-array: model). */
  readonly prefix?: string | undefined
  /** Share of the weights, the smallest, that become zero. */
  readonly sparsity: number
  /** At most this many different weights a kernel. */
  readonly cluster?: number | undefined
}

export type Exported = {
  readonly trial: number
  readonly format: ExportFormat
  readonly folder: string
  readonly files: readonly string[]
  /** What making it smaller cost and saved. */
  readonly shrunk?: ShrinkAccount
}

/** Writes one network of a study in a format, with what firmware must know beside it. */
export async function exportTrial(store: StudyStore, n: number, options: ExportOptions, resultsDir: string): Promise<Exported> {
  const { format, prefix, sparsity, cluster: clusters } = options
  const how: Shrink = { sparsity, clusters }
  const made = await modelOf(store, n, resultsDir)
  const shrinks = sparsity > 0 || clusters !== undefined
  const { model, account } = shrinks ? await shrinkTrial(store, made, how, resultsDir) : { model: made, account: undefined }
  const folder = options.out ?? join(store.folder, 'export', folderName(n, format, how))
  const files = exportModel(model, metaOf(store, n), format, prefix)
  for (const { path, data } of files) writeAsked(join(folder, path), data)
  const written = files.map(({ path }) => join(folder, path))
  return { trial: n, format, folder, files: written, ...(account ? { shrunk: account } : {}) }
}

/** "trial-3-tflite", "trial-3-tflite-sparse50-16values" */
const folderName = (n: number, format: string, { sparsity, clusters }: Shrink): string =>
  [
    `trial-${n}-${format}`,
    ...(sparsity > 0 ? [`sparse${Math.round(100 * sparsity)}`] : []),
    ...(clusters === undefined ? [] : [`${clusters}values`]),
  ].join('-')
