import { countGraph } from '../../graph/count.ts'
import type { Graph } from '../../graph/graph.ts'
import { outputsOf } from '../../task/lookup.ts'
import { updatesAt } from '../../train/checkpoint.ts'
import { totalSteps } from '../../train/recipe.ts'
import { trainingWork } from '../../train/work.ts'
import { hashJson } from '../../util/hash.ts'
import { blobs, bytesOf, fileBlob, floatsBlob, floatsOf, weightsOf } from '../jobs/blobs.ts'
import { trainingSeconds } from '../record/plan.ts'
import { chooseTeacher } from '../record/survey.ts'
import { jobBase, type StudyContext } from './context.ts'
import type { ReadyTeacher, RunningTeacher } from './teacher.ts'

/** The network of the study's own teacher, and what the cache holds of it: logits of train, then of search-validation. */
export function ownTeacherOf({ store, dataset, setup }: Pick<StudyContext, 'store' | 'dataset' | 'setup'>) {
  const { config, plan } = store.header
  const graph = chooseTeacher(setup.space, config.seed, plan.teacherMacs)
  const seed = `${config.seed}/teacher`
  const key = hashJson({ graph, recipe: plan.teacher, seed, data: dataset.fingerprint, kernels: store.header.wasmHash })
  const shown = dataset.splits.train.length + dataset.splits.searchValidation.length
  return { graph, seed, key, cached: store.cachedTeacher(key, shown * outputsOf(dataset)) }
}

/** A teacher that comes a little later than the guess still finds the workers busy. */
const slack = 1.1

/**
 * The study's own teacher: a larger network of the space, trained on a worker beside the first trials, or read from the cache (keyed by data, network,
 * recipe, seed and kernels). Its training is a chain of jobs of `partSeconds` at the planned speed, each of which leaves a checkpoint: a kill loses one.
 */
export function ownTeacher(context: StudyContext, partSeconds = 10): RunningTeacher {
  const { plan } = context.store.header
  const { graph, seed, key, cached } = ownTeacherOf(context)
  let score = cached?.score ?? null
  let done = cached !== undefined
  const train = async (): Promise<ReadyTeacher | undefined> => {
    const said = await trainInParts(context, { graph, seed, key, partSeconds })
    done = true
    score = said?.score ?? null
    return said
  }
  let running: Promise<ReadyTeacher | undefined> | undefined
  const ready = () => {
    running ??= cached ? Promise.resolve({ logits: floatsBlob(cached.logits), score: cached.score }) : train()
    // A search that ends drops the rest of the training; the next one who asks goes on from the checkpoint.
    running.catch(() => {
      running = undefined
    })
    return running
  }
  void ready()
  return {
    ready,
    isReady: () => done,
    work: slack * trainingWork(graph) * (plan.teacher.warmExamples + plan.teacher.tuneExamples),
    begun: [{ type: 'teacher:start', ...countGraph(graph) }],
    ended: () => [{ type: 'teacher:end', score, cached: cached !== undefined }],
  }
}

type Training = { readonly graph: Graph; readonly seed: string; readonly key: string; readonly partSeconds: number }

/** Undefined where it cannot be trained: then labels alone teach. */
async function trainInParts(
  context: StudyContext,
  { graph, seed, key, partSeconds }: Training,
): Promise<ReadyTeacher | undefined> {
  const { store, executor } = context
  const { config, plan } = store.header
  const last = totalSteps(plan.teacher)
  const seconds = trainingSeconds(countGraph(graph).macs, plan.teacher.warmExamples + plan.teacher.tuneExamples)
  const stepsOfPart = Math.ceil(last / Math.max(1, Math.round(seconds / partSeconds)))
  // A lone worker trains the untaught trials first: a person sees results at once. Beside others it begins with the teacher, which all will wait for.
  const priority = executor.workers > 1 ? -1 : config.lag + 0.5
  let { from, blob } = begun(store.teacherCheckpoint(key), last)
  for (;;) {
    const to = Math.min(last, from + stepsOfPart)
    const job = { ...jobBase(context), kind: 'teacher', graph, recipe: plan.teacher, seed, from, to } as const
    const input = blob ? { ...job, checkpoint: blob.address } : job
    const result = await executor.run<'teacher'>(input, priority, blob ? blobs(blob) : undefined)
    if (!result.ok) return undefined
    const { checkpoint, said } = result.output
    if (said) {
      const score = Math.fround(said.score)
      store.cacheTeacher(key, floatsOf(result.blobs, said.logits), score)
      return { logits: { address: said.logits, bytes: bytesOf(result.blobs, said.logits) }, score }
    }
    blob = { address: checkpoint, bytes: bytesOf(result.blobs, checkpoint) }
    store.keepTeacherCheckpoint(key, blob.bytes)
    from = to
  }
}

/** Where an interrupted training goes on. A checkpoint that cannot be read is nothing: the training begins again. */
function begun(checkpoint: Uint8Array | undefined, last: number) {
  const nothing = { from: 0, blob: undefined }
  if (!checkpoint) return nothing
  const blob = fileBlob(checkpoint)
  try {
    const from = updatesAt(weightsOf(blobs(blob), blob.address))
    return from !== undefined && from > 0 && from < last ? { from, blob } : nothing
  } catch {
    return nothing
  }
}
