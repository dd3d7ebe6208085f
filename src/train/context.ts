import type { Dataset, SplitName } from '../data/dataset.ts'
import type { Metric } from '../task/metric.ts'
import type { Engine } from './engine.ts'
import type { Recipe } from './recipe.ts'

/** What every job of a study shares. `teacherLogits` has a row of logits for each example of train, perhaps followed by those of `alsoFit`. */
export type TrainContext = {
  readonly dataset: Dataset
  readonly engine: Engine
  readonly metric: Metric
  readonly recipe: Recipe
  /** Examples to train on after those of `train`. */
  readonly alsoFit?: SplitName
  readonly teacherLogits?: Float32Array
  /** Milliseconds from an arbitrary start, for the account of time; never part of a result. */
  readonly clock: () => number
}
