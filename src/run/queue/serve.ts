import type { Job as QueuedJob, Worker } from 'bullmq'
import { TinyfrontError } from '../../util/errors.ts'
import { type Address, bytesOf } from '../jobs/blobs.ts'
import type { Executor } from '../jobs/executor.ts'
import { inputsOf, type Job, type JobResult, madeIn } from '../jobs/job.ts'
import type { Announcement } from './announcement.ts'
import type { BlobStore } from './blob-store.ts'
import { lastPriority, mostDeaths } from './job-queue.ts'
import { prefix } from './keys.ts'
import type { Link } from './link.ts'
import { type Delivery, type Parcel, readParcel } from './parcel.ts'
import { tellResult } from './results.ts'

export type ServePorts = {
  readonly id: string
  readonly machine: string
  readonly executor: Executor
  /** Where inputs are read and what was made is put. */
  readonly store: BlobStore
  /** Keeps what is large and used again. */
  readonly cache: BlobStore
  /** Whether another machine could do what this one may not. */
  readonly hasOthers: () => Promise<boolean>
  readonly clock: () => number
  readonly on: (event: ServeEvent) => void
  /** The executor asks for a job's limit. */
  readonly limits: WeakMap<Job, number>
}

export type ServeEvent =
  | { readonly type: 'job:start'; readonly id: string; readonly kind: string }
  | {
      readonly type: 'job:end'
      readonly id: string
      readonly kind: string
      readonly ok: boolean
      readonly busyMs: number
      readonly reason?: string
    }
  | { readonly type: 'job:back'; readonly id: string; readonly why: string }
  | { readonly type: 'trouble'; readonly what: string }

type Running = { readonly job: QueuedJob; readonly token: string; readonly kind: string; readonly since: number }

/** How often, and how fast, a job that is not for this machine is put back for others. */
const mostRefusals = 1000
const refusalMs = 500
const stepBack = 4

/** Takes jobs of one study. This thread stays idle, so that locks are renewed in time; trainings run in the executor's threads. */
export class Serving {
  readonly #link: Link
  readonly #queue: string
  readonly #ports: ServePorts
  readonly #worker: Worker
  readonly #running = new Map<string, Running>()
  #leaving = false

  constructor(link: Link, { queue, leaseMs }: Announcement, ports: ServePorts) {
    this.#link = link
    this.#queue = queue
    this.#ports = ports
    this.#worker = new link.bullmq.Worker(queue, (job, token) => this.#process(job, token ?? ''), {
      connection: link.redis,
      prefix,
      name: ports.machine,
      concurrency: ports.executor.workers,
      lockDuration: leaseMs,
      stalledInterval: Math.max(500, leaseMs / 2),
      maxStalledCount: mostDeaths,
      runRetryDelay: 1000,
    })
    // a lock that was lost is no fault: another worker has the job, and both results will be equal
    this.#worker.on('error', (error) => ports.on({ type: 'trouble', what: error.message }))
  }

  running(): readonly { readonly id: string; readonly kind: string; readonly since: number }[] {
    return [...this.#running].map(([id, { kind, since }]) => ({ id, kind, since }))
  }

  /** Takes nothing new; resolves when what runs is done. */
  finish(): Promise<void> {
    return this.#worker.pause()
  }

  /** Gives what runs back to the queue, for others, at once. */
  async handBack(): Promise<void> {
    this.#leaving = true
    await this.#worker.pause(true)
    for (const [id, { job, token }] of this.#running) {
      this.#running.delete(id)
      await job.moveToWait(token).catch(() => 0)
      this.#ports.on({ type: 'job:back', id, why: 'this worker leaves' })
    }
  }

  /** What still runs is left alone. */
  async close(): Promise<void> {
    this.#leaving = true
    await this.#worker.close(true)
  }

  async #process(job: QueuedJob, token: string): Promise<void> {
    const parcel = readParcel(job.data)
    if (parcel.notOn.includes(this.#ports.machine)) return this.#refuse(job, parcel, token)
    const id = job.id!
    const { kind } = parcel.job
    this.#running.set(id, { job, token, kind, since: this.#ports.clock() })
    this.#ports.on({ type: 'job:start', id, kind })
    try {
      await this.#perform(job, parcel)
    } catch (error) {
      if (this.#leaving) return
      const { message } = error as Error
      await this.#tell(job, parcel, { error: { message, ...(error instanceof TinyfrontError ? { remedy: error.remedy } : {}) } })
      this.#ports.on({ type: 'job:end', id, kind, ok: false, busyMs: 0, reason: message })
    } finally {
      this.#running.delete(id)
    }
  }

  /** Puts a job back that another machine is to do, for as long as there is one. */
  async #refuse(job: QueuedJob, parcel: Parcel, token: string): Promise<void> {
    if (job.attemptsStarted > mostRefusals || !(await this.#ports.hasOthers())) return this.#tell(job, parcel, { declined: true })
    await new Promise((resolve) => setTimeout(resolve, refusalMs))
    await job.moveToWait(token)
    // behind some others, or this machine would have it again at once
    await job.changePriority({ priority: Math.min(lastPriority, job.priority + stepBack) })
    throw new this.#link.bullmq.WaitingError()
  }

  async #perform(job: QueuedJob, parcel: Parcel): Promise<void> {
    const { job: spec, limitMs, audit } = parcel
    const { store, cache, executor, limits } = this.#ports
    const wanted = inputsOf(spec)
    const inputs = new Map<Address, Uint8Array>()
    for (const address of wanted) {
      const isTeacher = 'teacherLogits' in spec && address === spec.teacherLogits
      const bytes = await (isTeacher ? cache : store).get(address)
      if (bytes) inputs.set(address, bytes)
    }
    const missing = wanted.filter((a) => !inputs.has(a))
    if (missing.length > 0) return this.#tell(job, parcel, { missing })
    limits.set(spec, limitMs)
    const result = await executor.run(spec, 0, inputs)
    if (this.#leaving && !this.#running.has(job.id!)) return // handed back meanwhile
    await this.#tell(job, parcel, { result: textOf(result), blobs: audit ? [] : await this.#bring(result) })
    const end = { type: 'job:end', id: job.id!, kind: spec.kind, ok: result.ok, busyMs: result.busyMs } as const
    this.#ports.on(result.ok ? end : { ...end, reason: result.reason })
  }

  /** What was made goes into the store, before anybody is told of it. */
  async #bring(result: JobResult): Promise<Address[]> {
    if (!result.ok) return []
    const { store } = this.#ports
    const addresses = madeIn(result.output)
    for (const address of await store.missing(addresses)) await store.put(address, bytesOf(result.blobs, address))
    return addresses
  }

  #tell(job: QueuedJob, { audit }: Parcel, what: object): Promise<void> {
    const { machine, id: worker } = this.#ports
    const id = job.id!.replace(/-audit$/, '')
    return tellResult(this.#link, this.#queue, { v: 1, id, machine, worker, audit, ...what } as Delivery)
  }
}

const textOf = (result: JobResult): object => (result.ok ? { ...result, blobs: undefined } : result)
