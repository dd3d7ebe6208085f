import type { SplitName } from '../../data/dataset.ts'
import { countGraph } from '../../graph/count.ts'
import type { EvaluationResult } from '../../search/loop.ts'
import type { Candidate } from '../../search/strategy.ts'
import { bytesOf, eitherOf } from '../jobs/blobs.ts'
import type { Executor } from '../jobs/executor.ts'
import type { JobBase } from '../jobs/job.ts'
import { atRung, recipeFor, type SizedRecipe } from '../record/plan.ts'
import { asInput, type Teacher } from './teacher.ts'

export type EvaluatePort = (candidate: Candidate) => Promise<EvaluationResult>

export type TrainingPorts = {
  readonly executor: Executor
  readonly base: JobBase
  readonly plan: SizedRecipe
  readonly teacher: Teacher
  readonly seed: string
  /** Keeps the bytes of trained weights; gives their address. */
  readonly keep: (weights: Uint8Array) => Promise<string>
}

/**
 * Trains a candidate on the executor in two jobs, so that no job is long beside others. The second job of a trial goes before the first job of a later
 * one. The first trials wait for no teacher.
 */
export function trainingEvaluator({ executor, base, plan, teacher, seed, keep }: TrainingPorts): EvaluatePort {
  return async (candidate) => {
    const recipe = recipeFor(atRung(plan, candidate.rung), countGraph(candidate.unpruned).macs)
    const net = { graph: candidate.graph, unpruned: candidate.unpruned, seed: `${seed}/trial/${candidate.n}` }
    const common = { ...base, network: net, recipe, split } as const
    const taught = asInput(candidate.n < teacher.teachesFrom ? undefined : await teacher.ready())
    const early = recipe.distilsFloat ? taught : asInput(undefined)
    const started = await executor.run({ ...common, kind: 'start', ...early.names }, candidate.n, early.blobs)
    if (!started.ok) return failed(started.reason)
    const job = { ...common, kind: 'finish', start: started.output, ...taught.names } as const
    const done = await executor.run<'finish'>(job, candidate.n, eitherOf(started.blobs, taught.blobs))
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
