import { performance } from 'node:perf_hooks'
import { workerData } from 'piscina'
import type { Blobs } from './blobs.ts'
import { makeHandler, type WorkerSetup } from './handle.ts'
import type { Job, JobResult } from './job.ts'

const handle = makeHandler(workerData as WorkerSetup, () => performance.now())

export default ({ job, inputs }: { job: Job; inputs: Blobs }): Promise<JobResult> => handle(job, inputs)
