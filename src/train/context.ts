import type { Dataset } from '../data/dataset.ts'
import type { Metric } from '../search/metric.ts'
import type { Engine } from './engine.ts'
import type { Recipe } from './recipe.ts'

/** What every job of a study shares. `teacherLogits` is `[train examples, classes]` in the order of the train split. */
export type TrainContext = {
  readonly dataset: Dataset
  readonly engine: Engine
  readonly metric: Metric
  readonly recipe: Recipe
  readonly teacherLogits?: Float32Array
  /** Milliseconds from an arbitrary start, for the account of time; never part of a result. */
  readonly clock: () => number
}
