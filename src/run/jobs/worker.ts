import { performance } from 'node:perf_hooks'
import { workerData } from 'piscina'
import { makeHandler } from './handle.ts'
import type { Job, JobResult, WorkerSetup } from './job.ts'

const handle = makeHandler(workerData as WorkerSetup, () => performance.now())

export default (job: Job): Promise<JobResult> => handle(job)
