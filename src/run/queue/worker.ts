import { setTimeout as pause } from 'node:timers/promises'
import type { Dataset } from '../../data/dataset.ts'
import { TinyfrontError } from '../../util/errors.ts'
import type { KernelKind } from '../../util/native.ts'
import type { Executor } from '../jobs/executor.ts'
import type { WorkerSetup } from '../jobs/handle.ts'
import type { Job } from '../jobs/job.ts'
import { threadExecutor } from '../jobs/threads.ts'
import { type Announcement, readAnnouncement, refusal, type WorkerIdentity } from './announcement.ts'
import { openBlobs } from './blob-places.ts'
import { datasetFrom } from './dataset-blobs.ts'
import { withCache } from './folder-blobs.ts'
import { keys } from './keys.ts'
import type { Link } from './link.ts'
import { endPresence, hasOthers, type Presence, sayPresence } from './presence.ts'
import { quarantine } from './quarantine.ts'
import { withRecent } from './recent-blobs.ts'
import { type ServeEvent, Serving } from './serve.ts'

export type WorkerOptions = WorkerIdentity & {
  readonly id: string
  readonly machine: string
  readonly threads: number
  readonly memoryBytes: number
  readonly kernels: { readonly kind: KernelKind; readonly said: string }
  readonly cache: { readonly folder: string; readonly capBytes: number }
  /** Serve this study and no other. */
  readonly study?: string
  /** Opens the data here instead of fetching them. */
  readonly openData?: (announced: Announcement['data']) => Promise<Dataset>
  /** Seconds that what runs has to end when the worker is told to stop. */
  readonly graceSeconds: number
  readonly clock: () => number
  readonly on: (event: WorkerEvent) => void
  /** Where jobs run; absent = worker threads. */
  readonly executor?: (setup: WorkerSetup, threads: number, limitMs: (job: Job) => number) => Executor
}

export type WorkerEvent =
  | ServeEvent
  | { readonly type: 'waiting' }
  | { readonly type: 'study'; readonly study: string; readonly fetchedBytes: number }
  | { readonly type: 'left'; readonly study: string; readonly why: string }

/** How often a worker says that it is there, and looks whether its study still is. */
const beatMs = 2000
/** A job whose limit nobody told. */
const usualLimitMs = 600_000

/**
 * A worker's life: it looks for a study, checks that it may serve it, fetches the data, takes jobs until the study is over, and looks for the next.
 */
export class QueueWorker {
  readonly #link: Link
  readonly #options: WorkerOptions
  readonly #distrusted
  readonly #began: number
  readonly #totals = { done: 0, failed: 0, busyMs: 0, lastError: null as string | null }
  #state: Presence['state'] = 'waiting'
  #served: Announcement | undefined
  #serving: Serving | undefined

  constructor(link: Link, options: WorkerOptions) {
    this.#link = link
    this.#options = options
    this.#distrusted = quarantine(link.redis)
    this.#began = options.clock()
  }

  presence(): Presence {
    const { id, machine, version, kernels, threads, clock } = this.#options
    const { done, failed, busyMs, lastError } = this.#totals
    const jobs = this.#serving?.running() ?? []
    return {
      id,
      machine,
      version,
      kernels: kernels.said,
      threads,
      study: this.#served?.study ?? null,
      queue: this.#served?.queue ?? null,
      state: this.#state,
      jobs: jobs.map(({ id, kind, since }) => ({ id, kind, seconds: (clock() - since) / 1000 })),
      done,
      failed,
      busySeconds: busyMs / 1000,
      upSeconds: (clock() - this.#began) / 1000,
      lastError,
    }
  }

  /** Ends when `stop` is aborted and what runs is finished, or handed back after the time of grace or when `drop` is aborted. */
  async live(stop: AbortSignal, drop: AbortSignal): Promise<void> {
    const beat = () => void sayPresence(this.#link, this.presence()).catch(() => undefined)
    const timer = setInterval(beat, beatMs)
    beat()
    try {
      await this.#checkTrust()
      let said = false
      while (!stop.aborted) {
        const found = await this.#find()
        if (found) await this.#attend(found, stop, drop)
        else if (!said) this.#tell({ type: 'waiting' })
        said = !found
        if (!found) await until(beatMs, stop)
      }
    } finally {
      clearInterval(timer)
      await Promise.race([endPresence(this.#link, this.#options.id).catch(() => undefined), pause(1000)])
    }
  }

  #tell(event: WorkerEvent): void {
    const totals = this.#totals
    if (event.type === 'job:end') {
      if (event.ok) totals.done++
      else totals.failed++
      totals.busyMs += event.busyMs
      totals.lastError = event.reason ?? totals.lastError
    }
    if (event.type === 'trouble') totals.lastError = event.what
    this.#options.on(event)
  }

  async #checkTrust(): Promise<void> {
    const { machine } = this.#options
    const why = await this.#distrusted.why(machine)
    if (why === null) return
    throw new TinyfrontError(
      'usage',
      `machine ${machine} is in quarantine: ${why}`,
      `look at its memory and processor; tinyfront workers --release ${machine} lets it back in`,
    )
  }

  /** The study to serve: the one with a name, or the first that may be served. Throws where there are some, and none may be. */
  async #find(): Promise<Announcement | undefined> {
    const { redis } = this.#link
    let refused: TinyfrontError | undefined
    for (const queue of Object.keys(await redis.hgetall(keys.studies)).sort()) {
      const found = readAnnouncement(await redis.get(keys.announcement(queue)))
      if (!found || (this.#options.study !== undefined && found.study !== this.#options.study)) continue
      const why = await refusal(found, this.#options)
      if (!why) return found
      refused ??= why
    }
    if (refused) throw refused
    return undefined
  }

  async #attend(found: Announcement, stop: AbortSignal, drop: AbortSignal): Promise<void> {
    const { id, machine, clock } = this.#options
    const { redis } = this.#link
    this.#state = 'fetching data'
    this.#served = found
    let executor: Executor | undefined
    try {
      const place = found.blobs === null ? null : (this.#options.blobs ?? found.blobs)
      const store = openBlobs(redis, found.queue, place)
      const { folder, capBytes } = this.#options.cache
      const cache = withCache(store, folder, capBytes, (what) => this.#tell({ type: 'trouble', what }))
      const { dataset, fetchedBytes } = await this.#data(found, cache.get)
      const limits = new WeakMap<Job, number>()
      executor = this.#makeExecutor(dataset, (job) => limits.get(job) ?? usualLimitMs)
      const others = () => hasOthers(this.#link, found.queue, machine)
      const on = (event: ServeEvent) => this.#tell(event)
      this.#serving = new Serving(this.#link, found, {
        id,
        machine,
        executor,
        store: withRecent(store),
        cache,
        hasOthers: others,
        clock,
        on,
        limits,
      })
      this.#state = 'serving'
      this.#tell({ type: 'study', study: found.study, fetchedBytes })
      this.#tell({ type: 'left', study: found.study, why: await this.#untilOver(found, stop, drop) })
    } finally {
      await this.#serving?.close()
      await executor?.close()
      this.#serving = undefined
      this.#served = undefined
      this.#state = 'waiting'
    }
  }

  async #data({ data }: Announcement, get: (address: string) => Promise<Uint8Array | undefined>) {
    let fetchedBytes = 0
    const counted = async (address: string) => {
      const bytes = await get(address)
      fetchedBytes += bytes?.length ?? 0
      return bytes
    }
    const dataset = await (this.#options.openData?.(data) ?? datasetFrom(data.manifest, counted))
    return { dataset, fetchedBytes }
  }

  #makeExecutor(dataset: Dataset, limitMs: (job: Job) => number): Executor {
    const { threads, kernels, memoryBytes, executor = threadExecutor } = this.#options
    return executor({ dataset, kernels: kernels.kind, memoryBytes: Math.floor(memoryBytes / threads) }, threads, limitMs)
  }

  /** Serves until there is a reason not to; what runs is finished or handed back by then. */
  async #untilOver(found: Announcement, stop: AbortSignal, drop: AbortSignal): Promise<string> {
    const serving = this.#serving!
    for (let idle = 0; ; ) {
      await until(beatMs, stop)
      if (stop.aborted) {
        await this.#finishOrHandBack(serving, drop)
        return 'told to stop'
      }
      try {
        await this.#checkTrust()
        const now = await this.#stateOf(found)
        if (now === 'closed') return 'the study is over'
        idle = now === 'orphaned' && serving.running().length === 0 ? idle + 1 : 0
        if (idle >= 2) return 'nobody runs the study'
      } catch (error) {
        if (!(error instanceof TinyfrontError)) continue // Redis is away: it comes back
        await serving.handBack()
        throw error
      }
    }
  }

  /** `orphaned`: the coordinator died. It may be started again, so what runs goes on. */
  async #stateOf({ queue }: Announcement): Promise<'on' | 'orphaned' | 'closed'> {
    const { redis } = this.#link
    if ((await redis.exists(keys.announcement(queue))) === 1) return 'on'
    return (await redis.hexists(keys.studies, queue)) === 1 ? 'orphaned' : 'closed'
  }

  async #finishOrHandBack(serving: Serving, drop: AbortSignal): Promise<void> {
    this.#state = 'leaving'
    const finished = serving.finish().then(() => true)
    // a timer that is left would keep the process for all the time of grace
    const over = new AbortController()
    const grace = until(1000 * this.#options.graceSeconds, AbortSignal.any([drop, over.signal])).then(() => false)
    if (!(await Promise.race([finished, grace]))) await serving.handBack()
    over.abort()
  }
}

/** A while, or shorter where the signal comes. */
const until = (ms: number, signal: AbortSignal): Promise<void> => pause(ms, undefined, { signal }).catch(() => undefined)
