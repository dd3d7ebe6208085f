import { performance } from 'node:perf_hooks'
import { countGraph } from '../../graph/count.ts'
import { formatSeconds } from '../../util/units.ts'
import { trainingSeconds } from '../record/plan.ts'
import { type Address, type Blobs, bytesOf, noBlobs } from './blobs.ts'
import type { WorkerSetup } from './handle.ts'
import { inputsOf, type Job, type JobOf, type JobResult } from './job.ts'
import { resultLedger } from './ledger.ts'
import { priorityGate } from './priority-queue.ts'

/** Where the jobs of a study run. */
export interface Executor {
  readonly workers: number
  /**
   * The result of a job whose inputs lie in `inputs`. Lower priority numbers go first. Rejects with `Dropped` when `drain` came before the job began,
   * and with `UnequalResults`, from then on and for every job, when two workers made different results of one job.
   */
  run<K extends Job['kind']>(job: JobOf<K>, priority: number, inputs?: Blobs): Promise<JobResult<K>>
  /** Refuses what has not begun; what runs is finished. */
  drain(): void
  reopen(): void
  /** Share of the workers' time since the first job in which they had none. */
  idleShare(): number
  /** Ends the workers at once; jobs in flight reject. */
  close(): Promise<void>
}

/** Makes the executor of one study: `inlineExecutor`, `threadExecutor`, or another that passes `test/run/jobs/executor-contract.ts`. */
export type MakeExecutor = (setup: WorkerSetup, workers: number) => Executor

export type Delivery = {
  /** Takes a result. It may be called again, and late: a queue delivers at least once. */
  readonly deliver: (result: JobResult) => void
  /** Results can no longer be trusted: this error answers every job from now on. */
  readonly distrust: (error: Error) => void
  /** Aborted when the job has taken too long: its worker may be ended. */
  readonly signal: AbortSignal
  /** Lower numbers go first. Among the jobs that it is handed, a transport with a queue of its own keeps this order. */
  readonly priority: number
}

/** What carries jobs to workers and brings their results: all that a new kind of executor has to write. */
export type Transport = {
  readonly workers: number
  /** Rejects where the job was not carried or its worker broke. */
  send(job: Job, inputs: ReadonlyMap<Address, Uint8Array>, delivery: Delivery): Promise<void>
  close(): Promise<void>
}

/** What a timer can hold: 24 days. */
const longestTimer = 2 ** 31 - 1

/**
 * An executor over any transport: lowest trial first, at most one job a worker, a limit of time with a second attempt, and an account of what was
 * delivered.
 */
export function executorOn(transport: Transport, limitMs: (job: Job) => number = jobLimitMs): Executor {
  const gate = priorityGate(transport.workers)
  const ledger = resultLedger()
  const work = workClock(transport.workers)
  let broken: Error | undefined
  const inFlight = new Set<(error: Error) => void>()
  const distrust = (error: Error) => {
    broken ??= error
    for (const fail of inFlight) fail(broken)
  }

  /** Undefined: the limit passed. */
  const attempt = (job: Job, inputs: ReadonlyMap<Address, Uint8Array>, priority: number) =>
    new Promise<JobResult | undefined>((resolve, reject) => {
      const signal = AbortSignal.timeout(Math.min(longestTimer, Math.ceil(limitMs(job))))
      signal.addEventListener('abort', () => resolve(undefined))
      inFlight.add(reject)
      const deliver = (result: JobResult) => {
        try {
          ledger.note(job, result)
          resolve(result)
        } catch (error) {
          distrust(error as Error)
        }
      }
      transport
        .send(job, inputs, { deliver, distrust, signal, priority })
        .catch((error) => (signal.aborted ? resolve(undefined) : reject(error)))
        .finally(() => inFlight.delete(reject))
    })

  return {
    workers: transport.workers,
    run: (async (job: Job, priority: number, inputs: Blobs = noBlobs) =>
      gate.run(priority, async () => {
        if (broken) throw broken
        const bytes = new Map(inputsOf(job).map((address) => [address, bytesOf(inputs, address)]))
        return work.timed(
          async () => (await attempt(job, bytes, priority)) ?? (await attempt(job, bytes, priority)) ?? tookTooLong(limitMs(job)),
        )
      })) as Executor['run'],
    drain: gate.drain,
    reopen: gate.reopen,
    idleShare: work.idleShare,
    close: () => transport.close(),
  }
}

const tookTooLong = (limitMs: number): JobResult => ({
  ok: false,
  reason: `timeout: more than ${formatSeconds(limitMs / 1000)}, twice`,
  cause: 'worker',
  busyMs: 2 * limitMs,
})

/** Far beyond what any machine needs (thirty times the planned time, and ten minutes): only a job that hangs meets it. */
export function jobLimitMs(job: Job): number {
  const macs = countGraph('graph' in job ? job.graph : job.network.unpruned).macs
  const { warmExamples, tuneExamples } = job.recipe
  return 1000 * (600 + 30 * trainingSeconds(macs, warmExamples + tuneExamples))
}

/** The account of the workers' time; it never reaches a result. */
function workClock(workers: number) {
  let firstJobAt: number | undefined
  let lastEndAt = 0
  let busyMs = 0
  return {
    async timed(work: () => Promise<JobResult>): Promise<JobResult> {
      firstJobAt ??= performance.now()
      const result = await work()
      busyMs += result.busyMs
      lastEndAt = performance.now()
      return result
    },
    idleShare: () => (firstJobAt === undefined ? 0 : Math.max(0, 1 - busyMs / Math.max(1, (lastEndAt - firstJobAt) * workers))),
  }
}
