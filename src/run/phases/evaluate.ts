import type { SplitName } from '../../data/dataset.ts'
import { countGraph } from '../../graph/count.ts'
import type { EvaluationResult } from '../../search/loop.ts'
import type { Candidate } from '../../search/strategy.ts'
import { lengthRung } from '../../search/trial.ts'
import { heirRecipe } from '../../train/recipe.ts'
import { type Address, type Blobs, blobs, bytesOf, eitherOf } from '../jobs/blobs.ts'
import type { Executor } from '../jobs/executor.ts'
import type { JobBase, JobOf } from '../jobs/job.ts'
import { atRung, recipeFor, type SizedRecipe } from '../record/plan.ts'
import { asInput, type Teacher } from './teacher.ts'
import type { Untaught } from './untaught.ts'

export type EvaluatePort = (candidate: Candidate) => Promise<EvaluationResult>

export type TrainingPorts = {
  readonly executor: Executor
  readonly base: JobBase
  readonly plan: SizedRecipe
  readonly teacher: Teacher
  readonly isUntaught: Untaught
  readonly seed: string
  /** Keeps the bytes of trained weights; gives their address. */
  readonly keep: (weights: Uint8Array) => Promise<string>
  /** The bytes of kept weights. */
  readonly kept: (address: Address) => Promise<Uint8Array>
}

/**
 * Trains a candidate on the executor: at random in two jobs, so that no job is long beside others, the second before the first job of a later trial; from
 * a relative's weights in one, since there is nothing to prune. The first trials wait for no teacher.
 */
export function trainingEvaluator({ executor, base, plan, teacher, isUntaught, seed, keep, kept }: TrainingPorts): EvaluatePort {
  return async (candidate) => {
    const { n, graph, unpruned, relative } = candidate
    const planned = recipeFor(atRung(plan, lengthRung(candidate)), countGraph(unpruned).macs)
    const recipe = relative ? heirRecipe(planned) : planned
    const common = { ...base, network: { graph, unpruned, seed: `${seed}/trial/${n}` }, recipe, split } as const
    const taught = asInput(isUntaught(candidate) ? undefined : await teacher.ready())
    let start: JobOf<'finish'>['start']
    let weightsOfStart: Blobs
    if (relative) {
      const { graph, layers, weights: address } = relative
      start = { weights: address, steps: [], relative: { graph, layers } }
      weightsOfStart = blobs({ address, bytes: await kept(address) })
    } else {
      const early = recipe.distilsFloat ? taught : asInput(undefined)
      const started = await executor.run<'start'>({ ...common, kind: 'start', ...early.names }, n, early.blobs)
      if (!started.ok) return failed(started.reason)
      start = started.output
      weightsOfStart = started.blobs
    }
    const job = { ...common, kind: 'finish', start, ...taught.names } as const
    const done = await executor.run<'finish'>(job, n, eitherOf(weightsOfStart, taught.blobs))
    if (!done.ok) return failed(done.reason)
    const { int8, steps, weights } = done.output
    return { state: 'trained', score: int8, steps, weights: await keep(bytesOf(done.blobs, weights)) }
  }
}

/** `--engine fake`: a smooth function of the graph instead of training. */
export const fakeEvaluator =
  ({ executor, base, plan, seed }: Pick<TrainingPorts, 'executor' | 'base' | 'plan' | 'seed'>): EvaluatePort =>
  async ({ n, graph, unpruned, rung }) => {
    const done = await executor.run({ ...base, kind: 'fake', graph, unpruned, rung, recipe: plan.recipe, seed }, n)
    return done.ok ? { state: 'trained', ...done.output, weights: null } : failed(done.reason)
  }

const split: SplitName = 'searchValidation'
const failed = (reason: string): EvaluationResult => ({ state: 'failed', reason, score: null, steps: [], weights: null })
