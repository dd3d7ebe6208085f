import { countGraph } from '../../graph/count.ts'
import { outputsOf, taskOf } from '../../task/lookup.ts'
import { hashJson } from '../../util/hash.ts'
import { type Address, type Blob, type Blobs, blobs, bytesOf, floatsBlob, floatsOf, noBlobs } from '../jobs/blobs.ts'
import type { StudyEvent } from '../record/events.ts'
import { givenTeacher } from '../record/given-teacher.ts'
import { chooseTeacher } from '../record/survey.ts'
import { jobBase, type StudyContext } from './context.ts'

/** What a teacher says of every training example, and how good it is: the study's metric on search-validation, null where the person gave it. */
export type ReadyTeacher = { readonly logits: Blob; readonly score: number | null }

/** The teacher while it is in training and after; undefined for good when the study has none. */
export type Teacher = {
  readonly ready: Promise<ReadyTeacher | undefined>
  readonly isReady: () => boolean
  /** The first trial whose float stage waits for it. Earlier ones begin on labels, so that the workers are busy while it is in training. */
  readonly teachesFrom: number
}

export type RunningTeacher = Teacher & { readonly begun: StudyEvent[]; readonly ended: () => StudyEvent[] }

/** A teacher as a job's input: how the job names it, and the bytes. */
export const asInput = (
  teacher: ReadyTeacher | undefined,
): { readonly names: { readonly teacherLogits?: Address }; readonly blobs: Blobs } =>
  teacher ? { names: { teacherLogits: teacher.logits.address }, blobs: blobs(teacher.logits) } : { names: {}, blobs: noBlobs }

/**
 * The study's teacher, on its way: trained on a worker beside the first trials, read from the cache (keyed by data, network, recipe, seed and
 * kernels), or given as logits. Ready with undefined where there is none.
 */
export function startTeacher(context: StudyContext): RunningTeacher {
  const { config } = context.store.header
  const none = config.engine === 'fake' || config.teacher === 'none' || taskOf(context.dataset.task).distillation === null
  if (none) return { ready: Promise.resolve(undefined), isReady: () => true, teachesFrom: 0, begun: [], ended: () => [] }
  return config.teacher === 'auto' ? ownTeacher(context) : teacherOfPerson(context)
}

function teacherOfPerson({ store, dataset }: StudyContext): RunningTeacher {
  let told = false
  const ready = givenTeacher(store.header.config.teacher, dataset, store)
    .logits()
    .then((logits) => {
      told = true
      return { logits: floatsBlob(logits), score: null }
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

/** The network of the study's own teacher, and what the cache holds of it: logits of train, then of search-validation. */
export function ownTeacherOf({ store, dataset, setup }: Pick<StudyContext, 'store' | 'dataset' | 'setup'>) {
  const { config, plan } = store.header
  const graph = chooseTeacher(setup.space, config.seed, plan.teacherMacs)
  const seed = `${config.seed}/teacher`
  const key = hashJson({ graph, recipe: plan.teacher, seed, data: dataset.fingerprint, kernels: store.header.wasmHash })
  const shown = dataset.splits.train.length + dataset.splits.searchValidation.length
  return { graph, seed, key, cached: store.cachedTeacher(key, shown * outputsOf(dataset)) }
}

function ownTeacher(context: StudyContext): RunningTeacher {
  const { store, executor } = context
  const { config, plan } = store.header
  const { graph, seed, key, cached } = ownTeacherOf(context)
  let score = cached?.score ?? null
  let done = cached !== undefined
  const train = async (): Promise<ReadyTeacher | undefined> => {
    const job = { ...jobBase(context), kind: 'teacher', graph, recipe: plan.teacher, seed } as const
    const result = await executor.run<'teacher'>(job, -1)
    done = true
    if (!result.ok) return undefined
    const address = result.output.logits
    score = Math.fround(result.output.score)
    store.cacheTeacher(key, floatsOf(result.blobs, address), score)
    return { logits: { address, bytes: bytesOf(result.blobs, address) }, score }
  }
  const ready = cached ? Promise.resolve({ logits: floatsBlob(cached.logits), score: cached.score }) : train()
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
