import { performance } from 'node:perf_hooks'
import { workerData } from 'node:worker_threads'
import { makeHandler } from './handle.ts'
import type { Job, JobResult, WorkerSetup } from './job.ts'

// piscina wraps workerData in an array together with its own ports
const setup = (Array.isArray(workerData) ? workerData[1] : workerData) as WorkerSetup
const handle = makeHandler(setup, () => performance.now())

export default (job: Job): Promise<JobResult> => handle(job)
