import type { EndReason } from '../../search/loop.ts'
import type { Trial } from '../../search/trial.ts'
import type { PolishLine, TestLine, VerifyLine } from './notes.ts'
import type { Plan } from './plan.ts'

/**
 * What a study tells while it runs: the only thing that the command line, a dashboard, a test or a library user needs to follow it.
 * A `trial:end` is stored when it is told.
 */
export type StudyEvent =
  | {
      readonly type: 'study:start'
      readonly study: string
      readonly targets: readonly string[]
      readonly space: string
      readonly workers: number
      /** What computes: "native avx2" or "wasm", perhaps with the reason; null where the engine has no kernels of ours. */
      readonly kernels: string | null
      /** Scores are made up: nothing is trained (`--engine fake`). */
      readonly fake?: true
      readonly plan: Plan
      readonly resumedTrials: number
      readonly trials: number | null
    }
  | { readonly type: 'teacher:start'; readonly macs: number; readonly params: number }
  | { readonly type: 'teacher:end'; readonly score: number | null; readonly cached: boolean }
  | { readonly type: 'trial:start'; readonly n: number; readonly genome: string }
  | { readonly type: 'trial:end'; readonly trial: Trial }
  | {
      readonly type: 'front:change'
      readonly target: string
      readonly n: number
      readonly size: number
      readonly hypervolume: number
    }
  | { readonly type: 'search:end'; readonly reason: EndReason; readonly trials: number; readonly trained: number }
  /** `seconds`: all the time that is left with `--time`, else about how long it takes. */
  | { readonly type: 'polish:start'; readonly trials: readonly number[]; readonly seconds: number }
  | { readonly type: 'polish:end'; readonly polish: PolishLine }
  | { readonly type: 'test:end'; readonly test: TestLine }
  | { readonly type: 'verify:end'; readonly verify: VerifyLine }
  | {
      readonly type: 'study:end'
      readonly state: 'complete' | 'interrupted' | 'nothing-fits'
      readonly seconds: number
      /** Share of the workers' time in which they had no job: until the search ended, and with polish. */
      readonly idleShare: number | null
      readonly idleShareInAll: number
    }
