import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { countGraph } from '../../graph/count.ts'
import { formatSeconds } from '../../util/units.ts'
import { trainingSeconds } from '../record/plan.ts'
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

/** What a timer can hold: 24 days. */
const longestTimer = 2 ** 31 - 1

/**
 * A pool of worker threads, one candidate each. A job that takes longer than `limitMs` says is ended with its thread, tried once more, and then
 * failed; so is one whose thread ran out of memory. Neither touches any other job.
 */
export function threadExecutor(setup: WorkerSetup, workers: number, limitMs: (job: Job) => number = jobLimitMs): Executor {
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
  const attempt = async (job: Job): Promise<JobResult | undefined> => {
    const signal = AbortSignal.timeout(Math.min(longestTimer, Math.ceil(limitMs(job))))
    try {
      return await pool.run(job, { signal })
    } catch (error) {
      if (signal.aborted) return undefined
      if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY')
        return { ok: false, reason: 'out of memory: the worker thread was ended', busyMs: 0 }
      throw error
    }
  }
  return gated(
    workers,
    async (job) =>
      (await attempt(job)) ??
      (await attempt(job)) ?? {
        ok: false,
        reason: `timeout: more than ${formatSeconds(limitMs(job) / 1000)}, twice`,
        busyMs: 2 * limitMs(job),
      },
    () => pool.destroy(),
  )
}

/** Far beyond what any machine needs (thirty times the planned time, and ten minutes): only a job that hangs meets it. */
function jobLimitMs(job: Job): number {
  const macs = countGraph('graph' in job ? job.graph : job.candidate.unpruned).macs
  const { warmExamples, tuneExamples } = job.recipe
  return 1000 * (600 + 30 * trainingSeconds(macs, warmExamples + tuneExamples))
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
