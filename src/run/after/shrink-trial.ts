import { performance } from 'node:perf_hooks'
import { gzipSync } from 'fflate'
import type { SplitName } from '../../data/dataset.ts'
import { writeTflite } from '../../export/tflite-write.ts'
import type { QuantizedModel } from '../../quant/model.ts'
import { type Shrink, shrinkModel, sparsityOf } from '../../quant/shrink.ts'
import { codedBytes } from '../../quant/size.ts'
import { evaluateInt8 } from '../../train/evaluate.ts'
import { wasmEngine } from '../../train/wasm/engine.ts'
import { openData } from '../record/prepare.ts'
import type { StudyStore } from '../record/study-store.ts'

type Change = { readonly before: number; readonly after: number }

/** What fewer different weights cost and save. The file that is flashed keeps its size; what compresses it gets smaller. */
export type ShrinkAccount = {
  readonly clusters: number | null
  /** Share of the weights that are zero. */
  readonly sparsity: Change
  readonly metric: string
  readonly split: SplitName
  readonly score: Change
  /** Kernels Huffman-coded. */
  readonly kernelBytes: Change
  /** The .tflite file compressed with gzip. */
  readonly gzipBytes: Change
}

/** Weights of an int8 network shared or set to zero without any training after it, scored on selection-validation before and after. */
export async function shrinkTrial(
  store: StudyStore,
  model: QuantizedModel,
  how: Shrink,
  resultsDir: string,
): Promise<{ readonly model: QuantizedModel; readonly account: ShrinkAccount }> {
  const { config, plan } = store.header
  const recipe = { ...plan.polish.recipe, scoreExamples: { float: 0, int8: 0 } }
  const dataset = await openData(config, resultsDir)
  const context = { dataset, engine: wasmEngine(), metric: config.metric, recipe, clock: () => performance.now() }
  const split = 'selectionValidation'
  const shrunk = shrinkModel(model, how)
  const both = (count: (m: QuantizedModel) => number): Change => ({ before: count(model), after: count(shrunk) })
  return {
    model: shrunk,
    account: {
      clusters: how.clusters ?? null,
      sparsity: both(sparsityOf),
      metric: config.metric.kind,
      split,
      score: both((m) => evaluateInt8(context, m, split)),
      kernelBytes: both(codedBytes),
      gzipBytes: both((m) => gzipSync(writeTflite(m), { level: 9, mtime: 1 }).length),
    },
  }
}
