import { randomUUID } from 'node:crypto'
import { availableParallelism, homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { jobVersion } from '../../run/jobs/job.ts'
import { protocol } from '../../run/queue/announcement.ts'
import { openLink } from '../../run/queue/link.ts'
import { serveMetrics } from '../../run/queue/metrics.ts'
import { placeOf } from '../../run/queue/place.ts'
import { selfTest } from '../../run/queue/self-test.ts'
import { QueueWorker, type WorkerEvent, type WorkerOptions } from '../../run/queue/worker.ts'
import { openData } from '../../run/record/prepare.ts'
import { chooseKernels } from '../../train/wasm/choose.ts'
import { wasmHash } from '../../train/wasm/engine.ts'
import { exitCodes, usageError } from '../../util/errors.ts'
import { version } from '../../util/package-root.ts'
import { formatBytes, formatMilliseconds } from '../../util/units.ts'
import type { Options, Run } from '../options.ts'
import { printEvent, talk } from '../output.ts'

/** `tinyfront worker`: SIGTERM or Ctrl-C once lets trainings end for the time of grace, then hands them back; twice hands them back at once. */
export const runWorker: Run = async (_args, options) => {
  const { queue } = options
  if (queue === undefined) throw usageError('no queue given', 'pass --queue redis://host:6379, or set TINYFRONT_QUEUE')
  const [stop, drop] = [new AbortController(), new AbortController()]
  const onSignal = () => (stop.signal.aborted ? drop : stop).abort()
  const log = logger(options)
  const link = await openLink(placeOf(queue), (trouble) =>
    log({ type: 'trouble', what: trouble === undefined ? 'the queue is back' : `the queue does not answer (${trouble})` }),
  )
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const worker = new QueueWorker(link, workerOptions(options, log))
  let metrics: { close(): void } | undefined
  try {
    if (options.metrics !== undefined) metrics = await serveMetrics(options.metrics, link, () => worker.presence())
    await worker.live(stop.signal, drop.signal)
    return exitCodes.ok
  } finally {
    metrics?.close()
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    await link.close()
  }
}

function workerOptions(options: Options, on: (event: WorkerEvent) => void): WorkerOptions {
  const { data, blobs, study } = options
  const machine = options.name ?? hostname()
  const kernels = chooseKernels(options.kernels, false)
  const tested = new Map<boolean, Promise<string>>()
  return {
    protocol,
    jobs: jobVersion,
    version: version(),
    kernelsOf: (fastMath) => wasmHash({ fastMath }),
    selfTest(fastMath) {
      const answer = tested.get(fastMath) ?? selfTest(chooseKernels(options.kernels, fastMath).kind, fastMath)
      tested.set(fastMath, answer)
      return answer
    },
    id: `${machine}-${randomUUID().slice(0, 8)}`,
    machine,
    threads: options.workers ?? availableParallelism(),
    memoryBytes: options.memoryBytes ?? 0,
    kernels,
    cache: { folder: options.cache ?? join(homedir(), '.cache', 'tinyfront'), capBytes: options.cacheBytes },
    graceSeconds: options.graceSeconds,
    clock: () => performance.now(),
    on,
    ...(blobs === undefined ? {} : { blobs }),
    ...(study === undefined ? {} : { study }),
    ...(data === undefined
      ? {}
      : {
          openData: async ({ seed, label, fingerprint }) => {
            const dataset = await openData({ data, seed, ...(label === undefined ? {} : { label }) }, options.results)
            if (dataset.fingerprint !== fingerprint)
              throw usageError(`${data} is not the data of the study`, 'leave out --data: the worker then fetches them')
            return dataset
          },
        }),
  }
}

/** With `--json` an event a line on stdout, with its time; else a line for people on stderr. */
function logger({ json, quiet }: Options): (event: WorkerEvent) => void {
  if (json) return (event) => printEvent({ time: new Date().toISOString(), ...event })
  return quiet ? () => undefined : (event) => talk(`${new Date().toISOString().slice(11, 19)} ${sentence(event)}`)
}

function sentence(event: WorkerEvent): string {
  switch (event.type) {
    case 'waiting':
      return 'waiting for a study'
    case 'study':
      return `serves study ${event.study} (${formatBytes(event.fetchedBytes)} of data fetched)`
    case 'left':
      return `left study ${event.study}: ${event.why}`
    case 'job:start':
      return `began ${event.kind} ${event.id}`
    case 'job:end':
      return `${event.ok ? 'did' : 'failed'} ${event.kind} ${event.id} in ${formatMilliseconds(event.busyMs)}${event.reason === undefined ? '' : `: ${event.reason}`}`
    case 'job:back':
      return `handed ${event.id} back: ${event.why}`
    case 'trouble':
      return event.what
  }
}
