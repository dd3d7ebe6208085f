import { TinyfrontError } from '../../util/errors.ts'
import { seed32 } from '../../util/rng.ts'
import { type Address, type Blob, blobs } from '../jobs/blobs.ts'
import { jobLimitMs, type Delivery as Port, type Transport } from '../jobs/executor.ts'
import type { WorkerSetup } from '../jobs/handle.ts'
import type { Job, JobResult } from '../jobs/job.ts'
import { digestOf, jobKey } from '../jobs/ledger.ts'
import { accountsOf, type Disagreement } from './accounts.ts'
import { announcer } from './announcer.ts'
import { blobKeeper } from './blob-keeper.ts'
import { openBlobs } from './blob-places.ts'
import type { BlobStore } from './blob-store.ts'
import { datasetBlobs } from './dataset-blobs.ts'
import { jobQueue } from './job-queue.ts'
import type { Delivery, Parcel } from './parcel.ts'
import { quarantine } from './quarantine.ts'
import { judge, refereeOf } from './referee.ts'
import { readResults } from './results.ts'
import type { QueuedStudy } from './study.ts'

type Inputs = ReadonlyMap<Address, Uint8Array>

/** A job on its way, and whoever waits for it: equal jobs travel once. */
type Flight = {
  readonly id: string
  readonly job: Job
  readonly inputs: Inputs
  readonly waiting: { readonly port: Port; readonly resolve: () => void; readonly reject: (error: Error) => void }[]
  /** Machines on which it failed, and what it came to there: the answer if no other machine does better. */
  readonly failedOn: string[]
  failure?: JobResult | Error
  /** How often the queue did not know it although no result came. */
  unknown: number
}

/** A job that fails for reasons of the worker is tried on so many machines. */
const mostMachines = 3
/** Finished jobs that can still be judged when two machines disagree. */
const remembered = 256

/**
 * Carries the jobs of one study to workers anywhere. It remembers every job in flight with its inputs, so that neither a worker nor Redis can lose one;
 * the first result of a job is taken, every later one must be equal.
 */
export class Coordinator implements Transport {
  readonly workers: number
  readonly #study: QueuedStudy
  readonly #store: BlobStore
  readonly #keeper
  readonly #queue
  readonly #board
  readonly #results
  readonly #referee
  readonly #distrusted
  readonly #accounts = accountsOf()
  readonly #contributors = new Set<string>()
  /** The data set: what every worker fetches. */
  readonly #data: Inputs
  readonly #flights = new Map<string, Flight>()
  readonly #recent = new Map<string, Flight>()
  readonly #audits = new Map<string, Flight>()
  /** Results that an earlier coordinator of this study did not live to take. */
  readonly #leftovers = new Map<string, Delivery>()
  readonly #ready: Promise<void>
  readonly #timer: NodeJS.Timeout
  #looking = false
  #closed = false
  #broken: Error | undefined

  constructor(study: QueuedStudy, setup: WorkerSetup, clock: () => number) {
    const { link, queue, announcement, jobsAtOnce } = study
    const { seed, label, ...said } = announcement
    const { manifest, arrays } = datasetBlobs(setup.dataset)
    this.#study = study
    this.workers = jobsAtOnce
    this.#store = openBlobs(link.redis, queue, announcement.blobs)
    this.#keeper = blobKeeper(this.#store, clock)
    this.#queue = jobQueue(link, queue)
    this.#data = new Map([manifest, ...arrays].map(({ address, bytes }) => [address, bytes]))
    const { fingerprint } = setup.dataset
    const data = { manifest: manifest.address, fingerprint, seed, ...(label === undefined ? {} : { label }) }
    this.#board = announcer(link, { ...said, queue, data })
    this.#distrusted = quarantine(link.redis)
    this.#referee = refereeOf(setup)
    this.#results = readResults(link, queue, (delivery) => void this.#accept(delivery).catch(this.#breakOff))
    this.#ready = this.#begin()
    this.#ready.catch(this.#breakOff)
    this.#timer = setInterval(() => void this.#lookAfter(), Math.max(500, announcement.leaseMs / 4))
  }

  send(job: Job, inputs: Inputs, port: Port): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#broken) return port.distrust(this.#broken)
      const id = `j${jobKey(job)}`
      const known = this.#flights.get(id)
      const flight: Flight = known ?? { id, job, inputs, waiting: [], failedOn: [], unknown: 0 }
      flight.waiting.push({ port, resolve, reject })
      if (known) return
      this.#flights.set(id, flight)
      this.#keeper.use(inputs.keys())
      this.#depart(flight).catch((error) => !this.#closed && this.#land(flight, error))
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    for (const { waiting } of this.#flights.values()) for (const { reject } of waiting) reject(new Error('the study was closed'))
    this.#flights.clear()
    this.#results.stop()
    // without Redis or the bucket nothing can be cleared away; what lies in Redis vanishes by itself
    await this.#board.end().catch(() => undefined)
    await this.#keeper.end(this.#data.keys()).catch(() => undefined)
    await this.#queue.close()
    await this.#referee.close()
  }

  async #begin(): Promise<void> {
    await this.#keeper.bring(this.#data)
    for (const d of await this.#results.unread()) if ('result' in d && !d.audit) this.#leftovers.set(d.id, d)
    await this.#board.begin()
    this.#results.follow()
  }

  async #depart(flight: Flight): Promise<void> {
    await this.#ready
    const leftover = this.#leftovers.get(flight.id)
    this.#leftovers.delete(flight.id)
    await (leftover ? this.#accept(leftover) : this.#launch(flight))
  }

  async #launch(flight: Flight): Promise<void> {
    await this.#keeper.bring(flight.inputs)
    flight.unknown = 0
    await this.#queue.add(flight.id, this.#parcel(flight, false, flight.failedOn), priorityOf(flight))
  }

  async #again(flight: Flight, why: string): Promise<void> {
    this.#study.on({ type: 'again', id: flight.id, why })
    await this.#queue.remove(flight.id)
    if (this.#flights.get(flight.id) === flight) await this.#launch(flight)
  }

  #parcel({ job }: Flight, audit: boolean, notOn: readonly string[]): Parcel {
    return { v: 1, job, limitMs: (this.#study.limitMs ?? jobLimitMs)(job), notOn, audit }
  }

  #land(flight: Flight, outcome: JobResult | Error): void {
    if (this.#flights.get(flight.id) !== flight) return
    this.#flights.delete(flight.id)
    this.#keeper.release(flight.inputs.keys())
    this.#recent.set(flight.id, flight)
    for (const id of this.#recent.keys()) if (this.#recent.size > remembered) this.#recent.delete(id)
    for (const { port, resolve, reject } of flight.waiting) {
      if (outcome instanceof Error) reject(outcome)
      else {
        port.deliver(outcome)
        resolve()
      }
    }
  }

  /** A delivery that came: the first of its job is its result, every other one must be equal. */
  async #accept(delivery: Delivery): Promise<void> {
    const { id, machine } = delivery
    if (this.#closed || (await this.#distrusted.has(machine))) return
    const flight = this.#flights.get(id)
    if ('result' in delivery) {
      const { result, audit } = delivery
      const digest = digestOf(result)
      const disagreement = digest === undefined ? undefined : this.#accounts.note(id, { digest, machine })
      if (disagreement) return this.#settle(disagreement)
      const kind = flight?.job.kind ?? 'late'
      if (!audit) this.#study.on({ type: 'delivery', id, kind, machine, busyMs: result.busyMs, digest: digest ?? null })
    }
    if (delivery.audit) return this.#audited(delivery)
    if (!flight) return
    if ('declined' in delivery) return this.#land(flight, flight.failure ?? new Error('a job was declined that had not failed'))
    if ('missing' in delivery) return this.#again(flight, `${machine} did not find its inputs`)
    if ('error' in delivery) return this.#failed(flight, machine, errorOf(delivery.error))
    const { result } = delivery
    if (!result.ok) return result.cause === 'training' ? this.#land(flight, result) : this.#failed(flight, machine, result)
    const made = await this.#fetched(delivery.blobs)
    if (!made) return this.#again(flight, 'the bytes of its result are gone')
    this.#contributors.add(machine)
    this.#land(flight, { ...result, blobs: blobs(...made) })
    await this.#auditPerhaps(flight, machine)
  }

  async #fetched(addresses: readonly Address[]): Promise<Blob[] | undefined> {
    const made = await Promise.all(addresses.map(async (address) => ({ address, bytes: await this.#store.get(address) })))
    this.#keeper.seen(addresses)
    return made.every((b): b is Blob => b.bytes !== undefined) ? made : undefined
  }

  /** Not the job's fault, perhaps: another machine tries. */
  async #failed(flight: Flight, machine: string, failure: JobResult | Error): Promise<void> {
    flight.failure = failure
    flight.failedOn.push(machine)
    if (flight.failedOn.length >= mostMachines) return this.#land(flight, failure)
    await this.#again(
      flight,
      `it failed on ${machine}: ${failure instanceof Error ? failure.message : !failure.ok && failure.reason}`,
    )
  }

  /** Which jobs a second machine does as well is drawn by the job, not by who is quick. Audits go behind what is in flight. */
  async #auditPerhaps(flight: Flight, machine: string): Promise<void> {
    if (seed32('audit', flight.id) / 2 ** 32 >= this.#study.audit) return
    this.#audits.set(flight.id, flight)
    this.#keeper.use(flight.inputs.keys())
    await this.#keeper.bring(flight.inputs)
    await this.#queue.add(`${flight.id}-audit`, this.#parcel(flight, true, [machine]), this.#last())
  }

  #last(): number {
    return Math.max(0, ...[...this.#flights.values()].map(priorityOf))
  }

  #audited(delivery: Delivery): void {
    const { id, machine } = delivery
    const flight = this.#audits.get(id)
    if (!flight) return
    this.#audits.delete(id)
    this.#keeper.release(flight.inputs.keys())
    this.#study.on({ type: 'audit', id, machine, outcome: 'result' in delivery ? 'equal' : 'not done' })
  }

  /** Two machines disagree: the job is done once more here, and who differs is not trusted again. */
  async #settle(disagreement: Disagreement): Promise<void> {
    const flight = this.#flights.get(disagreement.id) ?? this.#recent.get(disagreement.id)
    const verdict = judge(disagreement, flight && (await this.#referee.digest(flight.job, flight.inputs)), this.#contributors)
    for (const { machine, why } of verdict.guilty) {
      await this.#distrusted.add(machine, why)
      this.#study.on({ type: 'quarantine', machine, why })
    }
    this.#breakOff(verdict.error)
  }

  #breakOff = (error: unknown): void => {
    if (this.#closed) return
    this.#broken ??= error as Error
    for (const { waiting } of this.#flights.values()) for (const { port } of waiting) port.distrust(this.#broken)
  }

  async #lookAfter(): Promise<void> {
    if (this.#looking || this.#study.link.redis.status !== 'ready') return
    this.#looking = true
    await this.#look().catch(() => undefined) // Redis went away in between: the next look is soon
    this.#looking = false
  }

  /** What nobody brings by itself: jobs that a lost Redis forgot, jobs that killed too many workers, blobs that are no longer of use. */
  async #look(): Promise<void> {
    await this.#ready
    await this.#keeper.bring(this.#data)
    await this.#board.refresh()
    await this.#keeper.sweep()
    for (const flight of this.#flights.values()) {
      const state = await this.#queue.stateOf(flight.id)
      if (this.#closed) return
      flight.unknown = state.kind === 'unknown' ? flight.unknown + 1 : 0
      if (flight.unknown >= 2) await this.#again(flight, 'the queue does not know it')
      else if (state.kind === 'failed')
        await this.#failed(flight, 'machines that died', new Error(`the queue gave it up: ${state.reason}`))
    }
  }
}

const priorityOf = ({ waiting }: Flight): number => Math.min(...waiting.map(({ port }) => port.priority))

const errorOf = ({ message, remedy }: { readonly message: string; readonly remedy?: string }): Error =>
  remedy === undefined ? new Error(message) : new TinyfrontError('missingTool', message, remedy)
