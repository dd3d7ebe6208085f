import type { Budget } from '../device/cost.ts'
import type { FrontEndCost } from '../device/front-end.ts'
import type { ObjectiveName } from '../search/trial.ts'
import type { StepRecord } from '../task/step.ts'

/** Version of every JSON document that leaves tinyfront (`front --json`, `compare --json`, the views below). */
export const viewSchemaVersion = 1

/** The metric of the study and the split its scores come from, for example accuracy on "search-validation". */
export type MetricView = {
  readonly name: string
  readonly split: string
  /** Absent = up. */
  readonly better?: 'up' | 'down'
  /** Examples of that split; absent = not known. */
  readonly examples?: number
  /** The scores are made up: the study trained nothing (`--engine fake`). */
  readonly fake?: true
  /** A share is printed in percent, a number as it is; absent = what rises is a share, what falls a number. */
  readonly unit?: 'share' | 'number'
}

/** Scores of one network; null = not measured. `testLow`..`testHigh` is the 95 % interval of `test`. */
export type AccuracyView = {
  readonly float32: number | null
  /** Of the integers that would be flashed, on the metric's split. The number that fronts are drawn with. */
  readonly int8: number | null
  readonly test: number | null
  readonly testLow: number | null
  readonly testHigh: number | null
}

/** Price of one network on one target; null = not known. `latencyLowMs`..`latencyHighMs` is the 90 % interval. */
export type CostView = {
  readonly latencyMs: number
  readonly latencyLowMs: number | null
  readonly latencyHighMs: number | null
  readonly ramBytes: number
  readonly flashBytes: number
  readonly energyUj: number | null
  /** How long the study's battery would last; null where no power is known, absent where no battery was named. */
  readonly batteryDays?: number | null
  readonly macs: number
  readonly params: number
}

export type FrontMember = {
  readonly trial: number
  /** The genome in values, as the journal writes it. */
  readonly genome: string
  readonly accuracy: AccuracyView
  readonly cost: CostView
  /** Why this one is recommended; at most one member of a front carries it (recommend.ts). */
  readonly recommended?: string
}

/** A trained trial that fits the target and is not on its front. */
export type DominatedPoint = {
  readonly trial: number
  readonly score: number
  readonly latencyMs: number
  readonly ramBytes: number
  readonly flashBytes: number
}

export type TargetView = {
  readonly target: string
  /** For people: "STM32F746G-DISCO, TFLM + CMSIS-NN". */
  readonly title: string
  /** Short facts of the board in reading order: "216 MHz Cortex-M7", "320 kB RAM". */
  readonly facts: readonly string[]
  /** What computes the network's input on the board, priced beside it; absent = raw values are the input, or there is no C for it. */
  readonly frontEnd?: FrontEndCost
  /** Whether measurements of this very target stand behind its latencies. */
  readonly calibrated: boolean
  readonly budget: Budget
  /** Reference point of the hypervolume in the order of `StudyView.objectives`. */
  readonly reference: readonly number[]
  readonly hypervolume: number | null
  readonly hypervolumeOverTrials: readonly { readonly trial: number; readonly value: number }[]
  readonly front: readonly FrontMember[]
  readonly dominated: readonly DominatedPoint[]
}

export type HistoryPoint = {
  readonly n: number
  readonly state: 'trained' | 'infeasible' | 'failed'
  readonly score: number | null
  readonly macs: number
  readonly params: number
  readonly genomeText: string
  /** Wall time of the trial; null where it was not trained. */
  readonly seconds: number | null
}

export type LayerView = {
  readonly index: number
  readonly kind: string
  readonly output: readonly number[]
  readonly kernel: readonly number[] | null
  readonly stride: readonly number[] | null
  readonly macs: number
  readonly weightBytes: number
  /** Share of the network's latency on the first target of `NetworkView.targets`; null = not predicted. */
  readonly latencyShare: number | null
  /** Bytes of the arena in use while this operator runs. */
  readonly ramLiveBytes: number
  /** The operator that needs the most. */
  readonly isPeak: boolean
}

/** A buffer of the arena: bytes `offset` .. `offset + sizeBytes`, alive while operators `first` .. `last` run (both inclusive). */
export type RamBlock = {
  readonly tensor: number
  readonly label: string
  readonly offset: number
  readonly sizeBytes: number
  readonly first: number
  readonly last: number
}

/** `counts[truth][predicted]`. */
export type Confusion = {
  readonly classes: readonly string[]
  readonly counts: readonly (readonly number[])[]
  readonly split: string
}

/** Bytes of the parameters in other number formats, for comparison; the int8 ones are those that are flashed. */
export type WeightBytesView = {
  readonly float32: number
  readonly float16: number
  /** int8 weights, float32 biases and activations */
  readonly dynamicRange: number
  readonly int8: number
  /** int8 kernels Huffman-coded, as a compressed image would hold them; null where the weights were not kept */
  readonly coded: number | null
  /** the same of kernels of 16 shared values each */
  readonly clustered: number | null
  /** the same with half of the weights zero */
  readonly sparse: number | null
}

/** What re-running the exported file showed: only `equal` is a proof. */
export type Proof = { readonly status: 'equal' | 'different' | 'not verified'; readonly text: string }

/** A score on the way to a network: after so many seconds of training it. */
export type CurvePoint = {
  readonly seconds: number
  readonly score: number
  readonly split: 'search-validation' | 'selection-validation'
  readonly step: StepRecord['step']
  /** Which training: the trial's own, or the polish of this round. */
  readonly round: number | null
}

/** A file of a network that was written already, as a path relative to the study's folder. */
export type FileLink = { readonly name: string; readonly path: string; readonly bytes: number }

/** A network worth opening: the recommended one of each target, or in the report every member of a front. */
export type NetworkView = {
  readonly trial: number
  readonly targets: readonly string[]
  readonly layers: readonly LayerView[]
  readonly ramMap: readonly RamBlock[]
  readonly arenaBytes: number
  readonly steps: readonly StepRecord[]
  readonly weightBytes: WeightBytesView
  readonly confusion?: Confusion
  readonly verification: readonly Proof[]
  readonly curve: readonly CurvePoint[]
  readonly files: readonly FileLink[]
}

export type KeyValue = { readonly key: string; readonly value: string }

/** What another machine needs to get the same bits. */
export type Reproducibility = {
  readonly version: string
  readonly gitCommit: string | null
  readonly nodeVersion: string
  readonly cpu: string
  readonly engine: string
  readonly wasmHash: string | null
  /** What computed: native kernels and WebAssembly's give the same bits. */
  readonly kernels: readonly string[]
  readonly dataFingerprint: string
  /** Hashes of the space, devices, runtimes, coefficients, teacher. */
  readonly hashes: readonly KeyValue[]
  /** False for `--engine tensorflow` and `--fast-math`: another CPU may give other bits. */
  readonly portable: boolean
  /** The command that repeats the study; null where it is not known. */
  readonly command: string | null
}

/** Everything the report of a study shows: a plain JSON value. */
export type StudyView = {
  readonly schemaVersion: number
  readonly study: string
  readonly seed: string | number
  readonly metric: MetricView
  readonly objectives: readonly ObjectiveName[]
  readonly config: readonly KeyValue[]
  readonly reproducibility: Reproducibility
  readonly trials: { readonly trained: number; readonly infeasible: number; readonly failed: number }
  readonly history: readonly HistoryPoint[]
  readonly targets: readonly TargetView[]
  /**
   * Goodness on the split that chose the networks less that on test, the mean of those that were tested: the winner's curse. Positive = the split that
   * chose flatters. Absent = nothing was tested.
   */
  readonly optimism?: { readonly mean: number; readonly networks: number }
  readonly chosen: readonly NetworkView[]
  readonly workers: { readonly count: number; readonly idleShare: number | null; readonly wallSeconds: number | null }
  /** Where the workers' time went: training, distillation, quantisation, evaluation, ... */
  readonly timing: readonly { readonly name: string; readonly seconds: number }[]
  /** Commands to go on with, for example { what: 'export to TFLite', command: 'tinyfront export kws 7 --format tflite' }. */
  readonly next: readonly { readonly what: string; readonly command: string }[]
}

/** One front in a comparison: a target of a study. */
export type CompareEntry = {
  readonly name: string
  readonly study: string
  readonly target: string
  readonly facts: readonly string[]
  readonly budget: Budget
  readonly front: readonly FrontMember[]
  /** Stored reference point that `hypervolume` was taken with, in the order of `CompareView.objectives`. */
  readonly reference: readonly number[]
  /** null where it cannot be computed. */
  readonly hypervolume: number | null
}

/** Fronts of several devices or studies, side by side. */
export type CompareView = {
  readonly schemaVersion: number
  readonly title: string
  readonly metric: MetricView
  readonly objectives: readonly ObjectiveName[]
  readonly entries: readonly CompareEntry[]
  /** Why the fronts do not say which is better: other data, other metrics, made-up scores (`--anyway`). */
  readonly notes?: readonly string[]
}
