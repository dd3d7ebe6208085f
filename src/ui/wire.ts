import type { FrontMember, KeyValue, MetricView, NetworkView, TargetView } from '../report/view.ts'
import type { ObjectiveName, Trial } from '../search/trial.ts'

// What the server and the page say to each other. A line of the journal is one message whose id is the offset at which the line ends: whoever names
// the last id that he has gets what came after, each message once. Views and states follow from the lines, so they carry no id and are sent anew.

export type BoardFacts = Pick<TargetView, 'target' | 'title' | 'facts' | 'calibrated' | 'budget'>

export type StudyFacts = {
  readonly study: string
  readonly createdAt: string
  readonly metric: MetricView
  readonly objectives: readonly ObjectiveName[]
  readonly boards: readonly BoardFacts[]
  readonly classes: readonly string[]
  readonly config: readonly KeyValue[]
  /** The command that makes this study again. */
  readonly command: string
  readonly limits: { readonly trials: number | null; readonly seconds: number | null; readonly workers: number }
}

/** Costs of a trial on one board, in the order of `costNames`; null = not known. */
export const costNames = [
  'latencyMs',
  'latencyLowMs',
  'latencyHighMs',
  'ramBytes',
  'flashBytes',
  'energyUj',
  'violation',
] as const
export type CostRow = readonly (number | null)[]

export type TrialRow = Pick<Trial, 'n' | 'state' | 'score' | 'macs' | 'params' | 'text' | 'parents' | 'rung' | 'graphHash'> & {
  readonly reason: string | null
  /** Time of a worker that it took; null where it was not trained. */
  readonly seconds: number | null
  /** One row a board, in the order of `StudyFacts.boards`. */
  readonly costs: readonly CostRow[]
}

/** One line of the journal; `at` is how many seconds the study had run. */
export type LineMessage = { readonly at: number | null } & (
  | { readonly type: 'header'; readonly study: StudyFacts }
  | { readonly type: 'trial'; readonly trial: TrialRow }
  | { readonly type: 'polish'; readonly trial: number; readonly round: number; readonly int8: number; readonly float32: number }
  | {
      readonly type: 'test'
      readonly trial: number
      readonly int8: number
      readonly low: number | null
      readonly high: number | null
    }
  | { readonly type: 'verify'; readonly trial: number; readonly checks: readonly { name: string; status: string }[] }
  | { readonly type: 'stop'; readonly reason: string; readonly trials: number }
  | { readonly type: 'other' }
)

export type BoardView = {
  readonly target: string
  readonly hypervolume: number
  readonly hypervolumeOverTrials: readonly { readonly trial: number; readonly value: number }[]
  readonly front: readonly FrontMember[]
}

/** What follows from all lines so far. */
export type ViewMessage = {
  /** Where the scores of the fronts come from, by now. */
  readonly metric: MetricView
  readonly boards: readonly BoardView[]
  /** Trials that were polished and count. */
  readonly polished: readonly number[]
  readonly timing: readonly { readonly name: string; readonly seconds: number }[]
}

export type Phase = 'search' | 'polish' | 'complete'

/** What the study is doing at this moment. */
export type StateMessage = {
  readonly writer: { readonly pid: number; readonly host: string; readonly canStop: boolean } | null
  /** A search was started from here and has not taken hold of the study yet. */
  readonly starting: boolean
  readonly phase: Phase
  /** A stop was asked for; what runs is being finished. */
  readonly stopping: boolean
  readonly etaSeconds: number | null
  readonly workers: number
  /** Candidates on their way to the journal; null where the search runs in a process that tells us nothing but the journal. */
  readonly inWork: readonly { readonly n: number; readonly what: string; readonly seconds: number }[] | null
  /** Workers at the queue that serve this study or wait for one; null where no queue is watched. */
  readonly machines: readonly MachineRow[] | 'no answer' | null
  /** Why the last search that was started from here ended as it did. */
  readonly message: string | null
}

/** A worker process at the queue, as it says itself. */
export type MachineRow = {
  readonly id: string
  readonly machine: string
  /** Kinds of the jobs in hand, or what else it does. */
  readonly doing: string
  /** How long the longest of them has run; null without one. */
  readonly seconds: number | null
  readonly done: number
  readonly failed: number
  readonly perMinute: number
  /** Share of its threads' time that was spent on jobs. */
  readonly busy: number
  readonly lastError: string | null
}

export type StudyRow = {
  readonly study: string
  readonly createdAt: string
  readonly data: string
  readonly boards: readonly string[]
  readonly running: boolean
  readonly fake: boolean
}

/** A trial's page. */
export type TrialPage = {
  readonly trial: TrialRow
  readonly board: string
  readonly network: NetworkView | null
  readonly member: FrontMember
  /** Score after each step over the time spent; the polish and its restarts included. */
  readonly exports: readonly string[]
  /** Why no network can be opened, exported or asked for predictions. */
  readonly without: string | null
}

export type Mistake = { readonly example: number; readonly truth: number; readonly guess: number; readonly confidence: number }

/** What the integers that would be flashed say of a split. */
export type PredictionsPage = {
  readonly split: string
  readonly examples: number
  readonly classes: readonly string[]
  readonly confusion: readonly (readonly number[])[] | null
  /** The surest first; at most `mistakesTold` of each cell of the matrix. */
  readonly mistakes: readonly Mistake[]
  readonly roc: readonly RocCurve[]
  /** Regression: truth and prediction of up to `pointsTold` examples, output by output. */
  readonly points: readonly { readonly example: number; readonly truth: number; readonly guess: number }[] | null
}
export type RocCurve = { readonly name: string; readonly area: number; readonly points: readonly (readonly [number, number])[] }

/** An example as the network sees it before normalisation. */
export type ExamplePicture = {
  readonly example: number
  readonly kind: 'image' | 'audio' | 'series'
  readonly shape: readonly number[]
  readonly values: readonly number[]
}
