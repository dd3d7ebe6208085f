import { performance } from 'node:perf_hooks'
import { workerData } from 'piscina'
import { TinyfrontError } from '../../util/errors.ts'
import type { Blobs } from './blobs.ts'
import { makeHandler, type WorkerSetup } from './handle.ts'
import type { Job, JobResult } from './job.ts'

const handle = makeHandler(workerData as WorkerSetup, () => performance.now())

/** An error loses its class on the way to the main thread: one that a person can mend goes as plain data. */
export type Answer = JobResult | { readonly refusal: Pick<TinyfrontError, 'kind' | 'message' | 'remedy'> }

export default async ({ job, inputs }: { job: Job; inputs: Blobs }): Promise<Answer> => {
  try {
    return await handle(job, inputs)
  } catch (error) {
    if (!(error instanceof TinyfrontError)) throw error
    const { kind, message, remedy } = error
    return { refusal: { kind, message, remedy } }
  }
}
