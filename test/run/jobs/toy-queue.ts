import { type Blobs, blobs } from '../../../src/run/jobs/blobs.ts'
import { type Executor, executorOn } from '../../../src/run/jobs/executor.ts'
import { makeHandler, type WorkerSetup } from '../../../src/run/jobs/handle.ts'
import type { Job, JobResult } from '../../../src/run/jobs/job.ts'

// The proof that an executor is one file: a queue of text that delivers every result twice, as queues on many machines may.

type Parcel<T> = { readonly body: T; readonly bytes: readonly (readonly [address: string, base64: string])[] }

const pack = <T>(body: T, bytes: Iterable<readonly [string, Uint8Array]>): string =>
  JSON.stringify({ body, bytes: [...bytes].map(([a, b]) => [a, Buffer.from(b).toString('base64')]) } satisfies Parcel<T>)

function unpack<T>(text: string): { body: T; bytes: Blobs & Iterable<readonly [string, Uint8Array]> } {
  const { body, bytes } = JSON.parse(text) as Parcel<T>
  return {
    body,
    bytes: blobs(...bytes.map(([address, base64]) => ({ address, bytes: Uint8Array.from(Buffer.from(base64, 'base64')) }))),
  }
}

type WithBlobs = Extract<JobResult, { ok: true }> & { readonly blobs: ReadonlyMap<string, Uint8Array> }

/** `second` may alter what the second delivery says. */
export function toyQueue(
  setup: WorkerSetup,
  workers: number,
  limitMs?: (job: Job) => number,
  second: (result: JobResult) => JobResult = (result) => result,
): Executor {
  const handle = makeHandler(setup, () => 0)
  const carry = (result: JobResult): string =>
    result.ok ? pack({ ...result, blobs: undefined }, (result as WithBlobs).blobs) : pack(result, [])
  const arrive = (text: string): JobResult => {
    const { body, bytes } = unpack<JobResult>(text)
    return body.ok ? { ...body, blobs: bytes } : body
  }
  return executorOn(
    {
      workers,
      async send(job, inputs, { deliver }) {
        const parcel = unpack<Job>(pack(job, inputs))
        const answer = carry(await handle(parcel.body, parcel.bytes))
        deliver(arrive(answer))
        setImmediate(() => deliver(second(arrive(answer))))
      },
      close: async () => undefined,
    },
    limitMs,
  )
}
