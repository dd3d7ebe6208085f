// node overhead.mjs QUEUE MILLISECONDS JOBS: what a job takes beyond its own time, through piscina and through a queue, one at a time.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { Piscina } from 'piscina'
import { openDataset } from '../../dist/data/open.js'
import { executorOn } from '../../dist/run/jobs/executor.js'
import { jobVersion } from '../../dist/run/jobs/job.js'
import { protocol } from '../../dist/run/queue/announcement.js'
import { queueExecutor } from '../../dist/run/queue/executor.js'
import { openLink } from '../../dist/run/queue/link.js'
import { placeOf } from '../../dist/run/queue/place.js'
import { QueueWorker } from '../../dist/run/queue/worker.js'

const [, , queue, milliseconds, jobs] = process.argv
const ms = Number(milliseconds)
const folder = mkdtempSync(join(tmpdir(), 'tinyfront-overhead-'))
writeFileSync(
  join(folder, 'sleep.mjs'),
  `export default async () => { await new Promise((r) => setTimeout(r, ${ms})); return { ok: true, output: { score: 1, steps: [] }, blobs: new Map(), busyMs: ${ms} } }`,
)
const { report, ...dataset } = await openDataset('builtin:gestures?count=200', { seed: '1', cacheDir: folder })
const pool = new Piscina({ filename: join(folder, 'sleep.mjs'), minThreads: 1, maxThreads: 1, idleTimeout: Infinity })
const piscina = () =>
  executorOn({
    workers: 1,
    send: async (job, inputs, { deliver }) => deliver(await pool.run({ job, inputs })),
    close: () => pool.destroy(),
  })

const link = await openLink(placeOf(queue))
const me = {
  protocol,
  jobs: jobVersion,
  version: 'bench',
  kernelsOf: () => 'k',
  selfTest: async () => 'b',
  id: 'w',
  machine: 'w',
  threads: 1,
  memoryBytes: 0,
  kernels: { kind: 'wasm', said: 'wasm' },
  cache: { folder, capBytes: 1e9 },
  graceSeconds: 1,
  clock: () => performance.now(),
  on: () => undefined,
  executor: piscina,
}
const [stop, drop] = [new AbortController(), new AbortController()]
const lived = new QueueWorker(await openLink(placeOf(queue)), me).live(stop.signal, drop.signal)
const announcement = {
  protocol,
  jobs: jobVersion,
  version: 'bench',
  study: 'bench',
  engine: 'wasm',
  fastMath: false,
  kernels: 'k',
  selfTest: 'b',
  blobs: null,
  leaseMs: 30000,
  seed: '1',
}
const onQueue = queueExecutor({ link, announcement, queue: 'bench-1', jobsAtOnce: 8, audit: 0, on: () => undefined })(
  { dataset, memoryBytes: 0 },
  1,
)

const recipe = { warmExamples: 1, tuneExamples: 1 }
const graph = { ops: [], shapes: [[1, 1, 1]] }
const job = (seed) => ({
  version: jobVersion,
  data: dataset.fingerprint,
  metric: { kind: 'accuracy' },
  engine: 'fake',
  fastMath: false,
  kind: 'fake',
  graph,
  unpruned: graph,
  rung: 0,
  recipe,
  seed,
})
async function timed(executor, name) {
  await executor.run(job(`${name} warm`), 0)
  const from = performance.now()
  for (let i = 0; i < Number(jobs); i++) await executor.run(job(`${name} ${i}`), i)
  return (performance.now() - from) / Number(jobs) - ms
}
const threads = await timed(piscina(), 'p')
const through = await timed(onQueue, 'q')
await onQueue.close()
console.log(JSON.stringify({ threads, queue: through }))
stop.abort()
drop.abort()
await Promise.race([lived, pause(2000)])
process.exit()
