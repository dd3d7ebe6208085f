import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Executor } from '../../../src/run/jobs/executor.ts'
import { executorOn, type MakeExecutor } from '../../../src/run/jobs/executor.ts'
import { inlineExecutor } from '../../../src/run/jobs/inline.ts'
import { type Job, jobVersion } from '../../../src/run/jobs/job.ts'
import { protocol } from '../../../src/run/queue/announcement.ts'
import { queueExecutor } from '../../../src/run/queue/executor.ts'
import { openLink } from '../../../src/run/queue/link.ts'
import { placeOf } from '../../../src/run/queue/place.ts'
import type { QueuedStudy, QueueEvent } from '../../../src/run/queue/study.ts'
import { QueueWorker, type WorkerEvent, type WorkerOptions } from '../../../src/run/queue/worker.ts'
import { setup } from '../jobs/work.ts'

// A coordinator and workers in one process, on a real Redis.

const identity = { protocol, jobs: jobVersion, version: 'test', kernelsOf: () => 'kernels', selfTest: async () => 'bits' }

export async function coordinate(
  url: string,
  more: Partial<QueuedStudy> = {},
  said: Partial<QueuedStudy['announcement']> = {},
): Promise<{ executor: Executor; events: QueueEvent[] }> {
  const events: QueueEvent[] = []
  const link = await openLink(placeOf(url))
  const executor = queueExecutor({
    link,
    announcement: {
      protocol,
      jobs: jobVersion,
      version: 'test',
      study: 'toy',
      engine: 'wasm',
      fastMath: false,
      kernels: 'kernels',
      selfTest: 'bits',
      blobs: null,
      leaseMs: 2000,
      seed: '1',
      ...said,
    },
    queue: 'toy-1',
    jobsAtOnce: 4,
    audit: 0,
    on: (event) => events.push(event),
    ...more,
  })(setup, 1)
  return {
    events,
    executor: {
      ...executor,
      async close() {
        await executor.close()
        await link.close()
      },
    },
  }
}

export async function work(url: string, more: Partial<WorkerOptions> = {}) {
  const events: WorkerEvent[] = []
  const link = await openLink(placeOf(url))
  const [stop, drop] = [new AbortController(), new AbortController()]
  const options: WorkerOptions = {
    ...identity,
    id: more.machine ?? 'one',
    machine: 'one',
    threads: 2,
    memoryBytes: 0,
    kernels: { kind: 'wasm', said: 'wasm' },
    cache: { folder: mkdtempSync(join(tmpdir(), 'tinyfront-cache-')), capBytes: 1e9 },
    graceSeconds: 5,
    clock: () => performance.now(),
    on: (event) => events.push(event),
    ...more,
  }
  const worker = new QueueWorker(link, options)
  const ended = worker.live(stop.signal, drop.signal)
  ended.catch(() => undefined)
  return {
    link,
    events,
    presence: () => worker.presence(),
    ended,
    async stop() {
      stop.abort()
      drop.abort()
      await ended.catch(() => undefined)
      await link.close()
    },
  }
}

/** Runs jobs in this thread; `alter` may spoil what they come to. */
export const inThread =
  (
    alter: (
      result: Awaited<ReturnType<Executor['run']>>,
      job: Job,
    ) => Awaited<ReturnType<Executor['run']>> | Promise<Awaited<ReturnType<Executor['run']>>>,
  ) =>
  (...[workerSetup, threads]: Parameters<MakeExecutor>): Executor => {
    const inner = inlineExecutor(workerSetup, 1)
    return executorOn({
      workers: threads,
      send: async (job, inputs, { deliver }) => deliver(await alter(await inner.run(job, 0, inputs), job)),
      close: inner.close,
    })
  }
