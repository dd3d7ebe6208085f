import { createRequire } from 'node:module'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { workerData } from 'piscina'
import { TinyfrontError } from '../../util/errors.ts'
import type { Blobs } from './blobs.ts'
import { makeHandler, type WorkerSetup } from './handle.ts'
import type { Job, JobResult } from './job.ts'

/** `taskModules`: what defines tasks that are not in the table. */
export type ThreadSetup = WorkerSetup & { readonly taskModules: readonly string[] }

const { taskModules, ...setup } = workerData as ThreadSetup
// run from source, under tsx, a worker thread reads TypeScript through `require` alone
const fromSource = import.meta.url.endsWith('.ts') ? createRequire(import.meta.url) : undefined
const tasksKnown = Promise.all(taskModules.map((module) => (fromSource ? fromSource(fileURLToPath(module)) : import(module))))
const handle = makeHandler(setup, () => performance.now())

/** An error loses its class on the way to the main thread: one that a person can mend goes as plain data. */
export type Answer = JobResult | { readonly refusal: Pick<TinyfrontError, 'kind' | 'message' | 'remedy'> }

export default async ({ job, inputs }: { job: Job; inputs: Blobs }): Promise<Answer> => {
  try {
    await tasksKnown
    return await handle(job, inputs)
  } catch (error) {
    if (!(error instanceof TinyfrontError)) throw error
    const { kind, message, remedy } = error
    return { refusal: { kind, message, remedy } }
  }
}
