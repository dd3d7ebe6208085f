import { performance } from 'node:perf_hooks'
import type { Dataset, SplitName } from '../../data/dataset.ts'
import type { Labels } from '../../task/labels.ts'
import type { Predictions } from '../../task/predictions.ts'
import { labelsOf, predictInt8 } from '../../train/evaluate.ts'
import { wasmEngine } from '../../train/wasm/engine.ts'
import type { StudyStore } from '../record/study-store.ts'
import { modelOf } from './model-of.ts'

export type SplitPredictions = {
  readonly split: SplitName
  readonly indices: Int32Array
  readonly labels: Labels
  /** Of the integers that would be flashed, dequantised. */
  readonly predictions: Predictions
}

/** Examples asked at once; in between, others get their turn. */
const portion = 256

/**
 * What the int8 network of a trial says of every example of a split: of test where the study looked at it already, else of search-validation, on which
 * the trial was scored. Nothing is looked at that was not before.
 */
export async function predictionsOf(
  store: StudyStore,
  n: number,
  dataset: Dataset,
  resultsDir: string,
): Promise<SplitPredictions> {
  const { config, plan } = store.header
  const split = store.tests().some((t) => t.trial === n) ? 'test' : 'searchValidation'
  const indices = dataset.splits[split]
  const model = await modelOf(store, n, resultsDir)
  const engine = wasmEngine({ fastMath: config.fastMath })
  const context = { dataset, engine, metric: config.metric, recipe: plan.trial.recipe, clock: () => performance.now() }
  const parts: Predictions[] = []
  for (let from = 0; from < indices.length; from += portion) {
    parts.push(predictInt8(context, model, indices.subarray(from, from + portion)))
    await new Promise(setImmediate)
  }
  const scores = new Float32Array(parts.reduce((sum, p) => sum + p.scores.length, 0))
  let at = 0
  for (const part of parts) {
    scores.set(Array.from(part.scores), at)
    at += part.scores.length
  }
  return {
    split,
    indices,
    labels: labelsOf(context, indices),
    predictions: { count: indices.length, outputs: parts[0]?.outputs ?? 0, scores },
  }
}
