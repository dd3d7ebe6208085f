import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { workerData } from 'piscina'
import type { Blobs } from '../../src/run/jobs/blobs.ts'
import { makeHandler, type WorkerSetup } from '../../src/run/jobs/handle.ts'
import type { Job } from '../../src/run/jobs/job.ts'
import { engineMemoryBytes } from '../../src/train/wasm/engine.ts'

/** What a worker holds: `liveBytes` of objects and buffers that something still refers to, `engineBytes` of the kernels' memory. */
export type Held = { readonly liveBytes: number; readonly engineBytes: number }

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const handle = makeHandler(workerData as WorkerSetup, () => 0)

/** The product's worker, which also says what it holds. */
export default (asked: { readonly job: Job; readonly inputs: Blobs } | 'held') =>
  asked === 'held' ? held() : handle(asked.job, asked.inputs)

/** Buffers are freed behind the collector's back, a while after it: the least of a few readings is what is held. */
async function held(): Promise<Held> {
  let liveBytes = Number.POSITIVE_INFINITY
  for (let reading = 0; reading < 5; reading++) {
    collect()
    await pause(20)
    const { heapUsed, external } = process.memoryUsage()
    liveBytes = Math.min(liveBytes, heapUsed + external)
  }
  return { liveBytes, engineBytes: engineMemoryBytes() }
}
