import type { Dataset } from '../../data/dataset.ts'
import { countGraph } from '../../graph/count.ts'
import type { Space } from '../../space/genes.ts'
import { outputsOf, taskOf } from '../../task/lookup.ts'
import { hashJson } from '../../util/hash.ts'
import type { Executor } from '../jobs/executor.ts'
import type { SharedLogits } from '../jobs/job.ts'
import type { StudyEvent } from '../record/events.ts'
import { givenTeacher } from '../record/given-teacher.ts'
import type { StudyStore } from '../record/study-store.ts'
import { chooseTeacher } from '../record/survey.ts'

/** What a teacher says of every training example, and how good it is: the study's metric on search-validation, null where the person gave it. */
export type ReadyTeacher = { readonly logits: SharedLogits; readonly score: number | null }

/** The teacher while it is in training and after; undefined for good when the study has none. */
export type Teacher = {
  readonly ready: Promise<ReadyTeacher | undefined>
  readonly isReady: () => boolean
  /** The first trial whose float stage waits for it. Earlier ones begin on labels, so that the workers are busy while it is in training. */
  readonly teachesFrom: number
}

export type RunningTeacher = Teacher & { readonly begun: StudyEvent[]; readonly ended: () => StudyEvent[] }

/**
 * The study's teacher, on its way: trained on a worker beside the first trials, read from the cache (keyed by data, network, recipe, seed and
 * kernels), or given as logits. Ready with undefined where there is none.
 */
export function startTeacher(store: StudyStore, dataset: Dataset, space: Space, executor: Executor): RunningTeacher {
  const { config, plan } = store.header
  const none = config.engine === 'fake' || config.teacher === 'none' || taskOf(dataset.task).distillation === null
  if (none) return { ready: Promise.resolve(undefined), isReady: () => true, teachesFrom: 0, begun: [], ended: () => [] }
  const rows = dataset.splits.train.length
  if (config.teacher !== 'auto') {
    let told = false
    const ready = givenTeacher(config.teacher, dataset, store)
      .logits()
      .then((logits) => {
        told = true
        return { logits: share(logits), score: null }
      })
    ready.catch(() => undefined) // awaited by every trial
    return {
      ready,
      isReady: () => told,
      teachesFrom: 0,
      begun: [],
      ended: () => [{ type: 'teacher:end', score: null, cached: true }],
    }
  }
  const graph = chooseTeacher(space, config.seed, plan.teacherMacs)
  const seed = `${config.seed}/teacher`
  const key = hashJson({ graph, recipe: plan.teacher, seed, data: dataset.fingerprint, kernels: store.header.wasmHash })
  const shown = rows + dataset.splits.searchValidation.length
  const cached = store.cachedTeacher(key, shown * outputsOf(dataset))
  let score = cached?.score ?? null
  let done = cached !== undefined
  const train = async (): Promise<ReadyTeacher | undefined> => {
    const result = await executor.run({ version: 1, kind: 'teacher', graph, recipe: plan.teacher, seed }, -1)
    done = true
    if (!result.ok) return undefined
    const { logits } = result.output
    score = Math.fround(result.output.score)
    store.cacheTeacher(key, logits, score)
    return { logits: share(logits), score }
  }
  const ready = cached ? Promise.resolve({ logits: share(cached.logits), score: cached.score }) : train()
  ready.catch(() => undefined) // awaited by every trial; until then a rejection is not unhandled
  return {
    ready,
    isReady: () => done,
    // trial lag + 1 is proposed from what trial 0 came to, which the teacher had a part in
    teachesFrom: config.lag + 1,
    begun: [{ type: 'teacher:start', ...countGraph(graph) }],
    ended: () => [{ type: 'teacher:end', score, cached: cached !== undefined }],
  }
}

function share(logits: Float32Array): SharedLogits {
  const shared = new Float32Array(new SharedArrayBuffer(logits.byteLength))
  shared.set(logits)
  return shared
}
