import { taskOf } from '../../task/lookup.ts'
import { type Address, type Blob, type Blobs, blobs, floatsBlob, noBlobs } from '../jobs/blobs.ts'
import type { StudyEvent } from '../record/events.ts'
import { givenTeacher } from '../record/given-teacher.ts'
import type { StudyContext } from './context.ts'
import { ownTeacher } from './own-teacher.ts'

/** What a teacher says of every training example, and how good it is: the study's metric on search-validation, null where the person gave it. */
export type ReadyTeacher = { readonly logits: Blob; readonly score: number | null }

/** The teacher while it is in training and after; undefined for good when the study has none. */
export type Teacher = {
  /** Resolves when it can teach, with undefined where there is none. Rejects with `Dropped` when the search ended first; asked again, it goes on. */
  readonly ready: () => Promise<ReadyTeacher | undefined>
  readonly isReady: () => boolean
  /** What its training takes beside the first trials, in MACs, which are untaught for so long (`untaught.ts`); 0 = it teaches from the first. */
  readonly work: number
}

export type RunningTeacher = Teacher & { readonly begun: StudyEvent[]; readonly ended: () => StudyEvent[] }

/** A teacher as a job's input: how the job names it, and the bytes. */
export const asInput = (
  teacher: ReadyTeacher | undefined,
): { readonly names: { readonly teacherLogits?: Address }; readonly blobs: Blobs } =>
  teacher ? { names: { teacherLogits: teacher.logits.address }, blobs: blobs(teacher.logits) } : { names: {}, blobs: noBlobs }

/** The study's teacher, on its way: trained beside the first trials, read from the cache, or given by the person. */
export function startTeacher(context: StudyContext): RunningTeacher {
  const { config } = context.store.header
  const none = config.engine === 'fake' || config.teacher === 'none' || taskOf(context.dataset.task).distillation === null
  if (none) return { ready: async () => undefined, isReady: () => true, work: 0, begun: [], ended: () => [] }
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
    ready: () => ready,
    isReady: () => told,
    work: 0,
    begun: [],
    ended: () => [{ type: 'teacher:end', score: null, cached: true }],
  }
}
