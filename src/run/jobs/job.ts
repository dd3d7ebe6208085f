import type { Dataset, SplitName } from '../../data/dataset.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Weights } from '../../graph/weights.ts'
import type { Metric } from '../../task/metric.ts'
import type { StepRecord } from '../../task/step.ts'
import type { Candidate, Started } from '../../train/candidate.ts'
import type { EngineName } from '../../train/engine.ts'
import type { Recipe } from '../../train/recipe.ts'
import type { KernelKind } from '../../util/native.ts'

/** What every worker is given once, at its start; samples lie in shared memory. */
export type WorkerSetup = {
  readonly dataset: Dataset
  readonly metric: Metric
  readonly engine: EngineName
  readonly fastMath: boolean
  /** Which build of the kernels computes: the same bits. WebAssembly's where absent. */
  readonly kernels?: KernelKind
  /** Bytes that one worker's trainer may plan for; 0 = no bound. */
  readonly memoryBytes: number
}

/** Teacher logits `[train examples, or train and then search-validation examples, classes]` in shared memory. */
export type SharedLogits = Float32Array<SharedArrayBuffer>

type Training = {
  readonly candidate: Candidate
  readonly recipe: Recipe
  readonly split: SplitName
  /** examples to train on beside `train`; teacher logits then have rows for them, too, or they are left out */
  readonly alsoFit?: SplitName
  readonly teacherLogits?: SharedLogits
}

/** One piece of work for one worker. Plain data with a version, so that it may cross threads, processes and machines. */
export type Job = { readonly version: 1 } & (
  | { readonly kind: 'teacher'; readonly graph: Graph; readonly recipe: Recipe; readonly seed: string }
  /** the float stage alone, perhaps while the teacher is still in training */
  | (Training & { readonly kind: 'start' })
  /** everything after the float stage */
  | (Training & { readonly kind: 'finish'; readonly start: Started })
  /** what trained weights say of the examples that a student is fitted to */
  | { readonly kind: 'logits'; readonly graph: Graph; readonly weights: Weights; readonly recipe: Recipe }
  /** int8 predictions of trained weights on a split, for the test account */
  | {
      readonly kind: 'assess'
      readonly graph: Graph
      readonly weights: Weights
      readonly recipe: Recipe
      readonly split: SplitName
    }
)

export type Assessment = {
  readonly score: number
  readonly float32: number
  readonly examples: number
  /** `counts[truth][predicted]`; null for regression */
  readonly confusion: readonly (readonly number[])[] | null
  /** the file of the network that was assessed */
  readonly tflite: Uint8Array
}

export type JobOutput = {
  teacher: { readonly logits: Float32Array; readonly score: number }
  start: Started
  finish: {
    readonly weights: Weights
    readonly steps: readonly StepRecord[]
    readonly int8: number
    readonly float32: number
    readonly tflite: Uint8Array
  }
  logits: Float32Array
  assess: Assessment
}

/** A candidate that fails is a result, not an exception: the search goes on. */
export type JobResult<K extends Job['kind'] = Job['kind']> = { readonly busyMs: number } & (
  | { readonly ok: true; readonly output: JobOutput[K] }
  | { readonly ok: false; readonly reason: string }
)

export type JobOf<K extends Job['kind']> = Extract<Job, { kind: K }>
