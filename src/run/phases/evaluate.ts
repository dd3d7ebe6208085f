import type { SplitName } from '../../data/dataset.ts'
import { countGraph } from '../../graph/count.ts'
import { fakeResult } from '../../search/fake.ts'
import type { EvaluationResult } from '../../search/loop.ts'
import type { Candidate } from '../../search/strategy.ts'
import type { Metric } from '../../task/metric.ts'
import { type Address, blobs, bytesOf, eitherOf, noBlobs } from '../jobs/blobs.ts'
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
  /** The bytes of kept weights. */
  readonly kept: (address: Address) => Promise<Uint8Array>
}

/**
 * Trains a candidate on the executor in two jobs: the float stage of the first trials waits for no teacher, so it fills the workers while that is in
 * training. The second job of a trial goes before the first job of a later one.
 */
export function trainingEvaluator({ executor, base, plan, teacher, seed, keep, kept }: TrainingPorts): EvaluatePort {
  return async (candidate) => {
    const recipe = recipeFor(atRung(plan, candidate.rung), countGraph(candidate.unpruned).macs)
    const net = { graph: candidate.graph, unpruned: candidate.unpruned, seed: `${seed}/trial/${candidate.n}` }
    const common = { ...base, network: net, recipe, split } as const
    const early = recipe.distilsFloat && candidate.n >= teacher.teachesFrom ? asInput(await teacher.ready) : asInput(undefined)
    const from = await inherited(candidate.relative, kept)
    const start = { ...common, kind: 'start', ...early.names, ...from.names } as const
    const started = await executor.run<'start'>(start, candidate.n, eitherOf(early.blobs, from.blobs))
    if (!started.ok) return failed(started.reason)
    const { names, blobs: logits } = asInput(await teacher.ready)
    const job = { ...common, kind: 'finish', start: started.output, ...names } as const
    const done = await executor.run<'finish'>(job, candidate.n, eitherOf(started.blobs, logits))
    if (!done.ok) return failed(done.reason)
    const { int8, steps, weights } = done.output
    return { state: 'trained', score: int8, steps, weights: await keep(bytesOf(done.blobs, weights)) }
  }
}

/** A relative's weights as a job's input: how the job names them, and the bytes. */
async function inherited(relative: Candidate['relative'], kept: TrainingPorts['kept']) {
  if (!relative) return { names: {}, blobs: noBlobs }
  const { weights, graph, layers } = relative
  const bytes = await kept(weights)
  return { names: { relative: { weights, graph, layers } }, blobs: blobs({ address: weights, bytes }) }
}

/** `--engine fake`: a smooth function of the graph instead of training. */
export const fakeEvaluator =
  (metric: Metric, seed: string): EvaluatePort =>
  async (candidate) =>
    fakeResult(candidate, metric, seed)

const split: SplitName = 'searchValidation'
const failed = (reason: string): EvaluationResult => ({ state: 'failed', reason, score: null, steps: [], weights: null })
