import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { makeHandler } from './handle.ts'
import type { Job, JobOf, JobResult, WorkerSetup } from './job.ts'
import { priorityGate } from './priority-queue.ts'

/** Where jobs run. Results are keyed by the caller, so at-least-once delivery would do; the seam also fits a queue on many machines. */
export interface Executor {
  readonly workers: number
  /** Lower priority numbers go first. Rejects with `Dropped` when `drain` came before the job began. */
  run<K extends Job['kind']>(job: JobOf<K>, priority: number): Promise<JobResult<K>>
  /** Refuses what has not begun; what runs is finished. */
  drain(): void
  reopen(): void
  /** Share of the workers' time since the first job in which they had none. */
  idleShare(): number
  /** Ends the workers at once; jobs in flight reject. */
  close(): Promise<void>
}

/** Runs jobs in this thread, one at a time: tests and debugging. */
export function inlineExecutor(setup: WorkerSetup): Executor {
  const handle = makeHandler(setup, () => performance.now())
  return gated(1, handle, async () => undefined)
}

/** A pool of worker threads, one candidate each. */
export function threadExecutor(setup: WorkerSetup, workers: number): Executor {
  // TensorFlow reads this before any code of a worker runs; without it every worker prints a banner
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  const isSource = import.meta.url.endsWith('.ts')
  const pool = new Piscina({
    filename: fileURLToPath(new URL(isSource ? './worker.ts' : './worker.js', import.meta.url)),
    workerData: setup,
    minThreads: workers,
    maxThreads: workers,
    idleTimeout: Number.POSITIVE_INFINITY,
    ...(isSource ? { execArgv: ['--import', 'tsx'] } : {}),
  })
  return gated(
    workers,
    (job) => pool.run(job),
    () => pool.destroy(),
  )
}

function gated(workers: number, work: (job: Job) => Promise<JobResult>, close: () => Promise<void>): Executor {
  const gate = priorityGate(workers)
  let firstJobAt: number | undefined
  let lastEndAt = 0
  let busyMs = 0
  return {
    workers,
    run: (async (job: Job, priority: number) =>
      gate.run(priority, async () => {
        firstJobAt ??= performance.now()
        const result = await work(job)
        busyMs += result.busyMs
        lastEndAt = performance.now()
        return result
      })) as Executor['run'],
    drain: gate.drain,
    reopen: gate.reopen,
    idleShare: () => (firstJobAt === undefined ? 0 : Math.max(0, 1 - busyMs / Math.max(1, (lastEndAt - firstJobAt) * workers))),
    close,
  }
}
