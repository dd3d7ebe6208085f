import type { SplitName } from '../../data/dataset.ts'
import { countGraph } from '../../graph/count.ts'
import type { Weights } from '../../graph/weights.ts'
import { fakeResult } from '../../search/fake.ts'
import type { EvaluationResult } from '../../search/loop.ts'
import type { Candidate } from '../../search/strategy.ts'
import type { Metric } from '../../task/metric.ts'
import type { Executor } from '../jobs/executor.ts'
import type { JobOutput, JobResult, SharedLogits } from '../jobs/job.ts'
import { atRung, recipeFor, type SizedRecipe } from '../record/plan.ts'
import type { Teacher } from './teacher.ts'

export type EvaluatePort = (candidate: Candidate) => Promise<EvaluationResult>

/**
 * Trains a candidate on the executor in two jobs: the float stage of the first trials waits for no teacher, so it fills the workers while that is in
 * training. The second job of a trial goes before the first job of a later one.
 */
export function trainingEvaluator(
  executor: Executor,
  plan: SizedRecipe,
  teacher: Teacher,
  seed: string,
  keep: (weights: Weights) => Promise<string>,
): EvaluatePort {
  return async (candidate) => {
    const recipe = recipeFor(atRung(plan, candidate.rung), countGraph(candidate.unpruned).macs)
    const net = { graph: candidate.graph, unpruned: candidate.unpruned, seed: `${seed}/trial/${candidate.n}` }
    const common = { version: 1, candidate: net, recipe, split } as const
    const taught = recipe.distilsFloat && candidate.n >= teacher.teachesFrom ? await logitsOf(teacher) : {}
    const started = await executor.run({ ...common, kind: 'start', ...taught }, candidate.n)
    if (!started.ok) return failed(started.reason)
    const job = { ...common, kind: 'finish', start: started.output, ...(await logitsOf(teacher)) } as const
    const done: JobResult<'finish'> = await executor.run(job, candidate.n)
    if (!done.ok) return failed(done.reason)
    const { int8, steps, weights } = done.output as JobOutput['finish']
    return { state: 'trained', score: int8, steps, weights: await keep(weights) }
  }
}

async function logitsOf(teacher: Teacher): Promise<{ readonly teacherLogits?: SharedLogits }> {
  const ready = await teacher.ready
  return ready ? { teacherLogits: ready.logits } : {}
}

/** `--engine fake`: a smooth function of the graph instead of training. */
export const fakeEvaluator =
  (metric: Metric, seed: string): EvaluatePort =>
  async (candidate) =>
    fakeResult(candidate, metric, seed)

const split: SplitName = 'searchValidation'
const failed = (reason: string): EvaluationResult => ({ state: 'failed', reason, score: null, steps: [], weights: null })
