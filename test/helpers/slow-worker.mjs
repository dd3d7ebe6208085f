// A worker process whose trainings are made up: it waits as long as a training would take, and computes what `--engine fake` computes.
// node slow-worker.mjs QUEUE MACHINE MILLISECONDS [THREADS] [spoil]: `spoil` alters what every job comes to.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { executorOn } from '../../dist/run/jobs/executor.js'
import { makeHandler } from '../../dist/run/jobs/handle.js'
import { jobVersion } from '../../dist/run/jobs/job.js'
import { protocol } from '../../dist/run/queue/announcement.js'
import { openLink } from '../../dist/run/queue/link.js'
import { placeOf } from '../../dist/run/queue/place.js'
import { selfTest } from '../../dist/run/queue/self-test.js'
import { QueueWorker } from '../../dist/run/queue/worker.js'
import { wasmHash } from '../../dist/train/wasm/engine.js'
import { version } from '../../dist/util/package-root.js'
import { seed32 } from '../../dist/util/rng.js'

const [, , queue, machine, milliseconds, threads = '1', spoil] = process.argv
const link = await openLink(placeOf(queue))
const executor = (setup, workers) => {
  const handle = makeHandler(setup, () => 0)
  return executorOn({
    workers,
    async send(job, inputs, { deliver }) {
      await pause(Number(milliseconds) * (0.5 + seed32(JSON.stringify(job)) / 2 ** 32))
      const result = await handle(job, inputs)
      deliver(
        spoil
          ? { ...result, output: { ...result.output, score: result.output.score / 2 } }
          : { ...result, busyMs: Number(milliseconds) },
      )
    },
    close: async () => undefined,
  })
}
const worker = new QueueWorker(link, {
  protocol,
  jobs: jobVersion,
  version: version(),
  kernelsOf: (fastMath) => wasmHash({ fastMath }),
  selfTest: (fastMath) => selfTest('wasm', fastMath),
  id: `${machine}-${process.pid}`,
  machine,
  threads: Number(threads),
  memoryBytes: 0,
  kernels: { kind: 'wasm', said: 'wasm' },
  cache: { folder: process.env.SLOW_WORKER_CACHE ?? mkdtempSync(join(tmpdir(), 'tinyfront-cache-')), capBytes: 1e9 },
  graceSeconds: 2,
  clock: () => performance.now(),
  on: (event) => console.log(JSON.stringify(event)),
  executor,
})
const [stop, drop] = [new AbortController(), new AbortController()]
process.on('SIGTERM', () => stop.abort())
try {
  await worker.live(stop.signal, drop.signal)
} catch (error) {
  console.error(error.message)
  process.exitCode = 2
}
await link.close()
process.exit() // a training that waits for hours is left alone
