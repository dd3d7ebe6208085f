import type { SplitName } from '../../data/dataset.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Candidate } from '../../search/strategy.ts'
import type { Metric } from '../../task/metric.ts'
import type { StepRecord } from '../../task/step.ts'
import type { EngineName } from '../../train/engine.ts'
import type { Network } from '../../train/network.ts'
import type { Recipe } from '../../train/recipe.ts'
import type { Address, Blobs } from './blobs.ts'

/** Rises whenever jobs can ask for something new: a worker that knows other jobs is refused at the door. */
export const jobVersion = 4

/** What the jobs of one study share. `data` is the fingerprint of the data set: samples, preprocessing and splits. */
export type JobBase = {
  readonly version: typeof jobVersion
  readonly data: string
  readonly metric: Metric
  readonly engine: EngineName
  readonly fastMath: boolean
}

type Training = {
  readonly network: Network
  readonly recipe: Recipe
  readonly split: SplitName
  /** examples to train on beside `train`; teacher logits then have rows for them, too, or they are left out */
  readonly alsoFit?: SplitName
  /** float32 `[train examples, or train and then search-validation examples, classes]` */
  readonly teacherLogits?: Address
}

/**
 * One piece of work for one worker: JSON with a version, so that it may cross threads, processes and machines. Large inputs are named by the hash of
 * their bytes; the worker resolves them. Equal jobs have equal results, wherever they run.
 */
export type Job = JobBase &
  /** steps `from` to `to` of a teacher's training; the checkpoint is where it stood at `from`, absent at its beginning */
  (
    | {
        readonly kind: 'teacher'
        readonly graph: Graph
        readonly recipe: Recipe
        readonly seed: string
        readonly from: number
        readonly to: number
        readonly checkpoint?: Address
      }
    /** the float stage alone, perhaps while the teacher is still in training */
    | (Training & { readonly kind: 'start' })
    /** everything after the float stage */
    | (Training & { readonly kind: 'finish'; readonly start: Start })
    /** what trained weights say of the examples that a student is fitted to */
    | { readonly kind: 'logits'; readonly graph: Graph; readonly weights: Address; readonly recipe: Recipe }
    /** int8 predictions of trained weights on a split, for the test account */
    | {
        readonly kind: 'assess'
        readonly graph: Graph
        readonly weights: Address
        readonly recipe: Recipe
        readonly split: SplitName
      }
    /** `--engine fake`: a score made up from shapes, for trying out everything around the training */
    | ({ readonly kind: 'fake'; readonly recipe: Recipe; readonly seed: string } & Pick<Candidate, 'graph' | 'unpruned' | 'rung'>)
  )

/** Weights to begin with: the float stage's, or those of a relative, whose layer for each operator `layers` has (-1: none). */
type Start = StartOutput & { readonly relative?: { readonly graph: Graph; readonly layers: readonly number[] } }
type StartOutput = { readonly weights: Address; readonly steps: readonly StepRecord[] }

/** What jobs make: JSON, too. Weights are safetensors files, logits are float32 values. */
export type JobOutput = {
  /** `said` after the last step */
  teacher: { readonly checkpoint: Address; readonly said: { readonly logits: Address; readonly score: number } | null }
  start: StartOutput
  finish: StartOutput & {
    readonly int8: number
    readonly float32: number
    /** what the exported file would be called: its bytes come when the network is assessed */
    readonly tflite: Address
  }
  logits: { readonly logits: Address }
  assess: {
    readonly score: number
    readonly float32: number
    readonly examples: number
    /** `counts[truth][predicted]`; null for regression */
    readonly confusion: readonly (readonly number[])[] | null
    /** the file of the network that was assessed */
    readonly tflite: Address
  }
  fake: { readonly score: number | null; readonly steps: readonly StepRecord[] }
}

/**
 * A job that fails is a result, not an exception: the search goes on. `training`: it would fail everywhere (it diverged); `worker`: this worker could
 * not do it (time, memory).
 */
export type JobResult<K extends Job['kind'] = Job['kind']> = { readonly busyMs: number } & (
  | { readonly ok: true; readonly output: JobOutput[K]; readonly blobs: Blobs }
  | { readonly ok: false; readonly reason: string; readonly cause: 'training' | 'worker' }
)

/** A result as text carries it: its blobs go another way. */
export type WithoutBlobs = Omit<Extract<JobResult, { ok: true }>, 'blobs'> | Extract<JobResult, { ok: false }>

export type JobOf<K extends Job['kind']> = Extract<Job, { kind: K }>

/** Addresses of the inputs that a worker needs beside the data. */
export function inputsOf(job: Job): Address[] {
  switch (job.kind) {
    case 'teacher':
      return job.checkpoint === undefined ? [] : [job.checkpoint]
    case 'fake':
      return []
    case 'start':
      return job.teacherLogits === undefined ? [] : [job.teacherLogits]
    case 'finish':
      return job.teacherLogits === undefined ? [job.start.weights] : [job.start.weights, job.teacherLogits]
    case 'logits':
    case 'assess':
      return [job.weights]
  }
}

/** Addresses of what a job made. */
export const madeIn = (output: JobOutput[Job['kind']]): Address[] => [
  ...('checkpoint' in output ? [output.checkpoint, ...(output.said ? [output.said.logits] : [])] : []),
  ...('logits' in output ? [output.logits] : []),
  ...('weights' in output ? [output.weights] : []),
  ...('tflite' in output && 'confusion' in output ? [output.tflite] : []),
]
