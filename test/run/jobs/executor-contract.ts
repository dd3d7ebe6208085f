import { afterAll, describe, expect, test } from 'vitest'
import { bytesOf, weightsOf } from '../../../src/run/jobs/blobs.ts'
import type { Executor } from '../../../src/run/jobs/executor.ts'
import { inlineExecutor } from '../../../src/run/jobs/inline.ts'
import type { Job } from '../../../src/run/jobs/job.ts'
import { Dropped } from '../../../src/run/jobs/priority-queue.ts'
import { sha256 } from '../../../src/util/hash.ts'
import { base, diverging, endless, finish, setup, start } from './work.ts'

export type ContractOptions = {
  /** It can end a job that hangs. */
  readonly endsHangingJobs: boolean
}

/** What every executor promises. A new one calls this with a function that makes it. */
export function executorContract(
  name: string,
  make: (limitMs: (job: Job) => number) => Executor,
  { endsHangingJobs }: ContractOptions,
): void {
  describe(`executor: ${name}`, () => {
    const limitMs = (job: Job) => (job.recipe.warmExamples === endless ? 1500 : 60_000)
    const executor = make(limitMs)
    const reference = inlineExecutor(setup, 1)
    afterAll(async () => {
      await executor.close()
      await reference.close()
    })

    /** Both jobs of a candidate; its weights and its file. */
    async function candidate(on: Executor, priority: number) {
      const started = await on.run(start(128), priority)
      if (!started.ok) throw new Error(started.reason)
      const done = await on.run(finish(started.output), priority, started.blobs)
      if (!done.ok) throw new Error(done.reason)
      const { steps, ...rest } = done.output
      return { ...rest, bytes: sha256(bytesOf(done.blobs, rest.weights)), steps: steps.map(({ milliseconds, ...step }) => step) }
    }

    test('gives the results of this very thread, byte for byte, however many wait and in whatever order they end', async () => {
      const expected = await candidate(reference, 0)
      expect(expected.bytes).toBe(expected.weights)
      const all = await Promise.all([3, 1, 2].map((priority) => candidate(executor, priority)))
      expect(all).toEqual([expected, expected, expected])
    })

    test('brings weights that can be read under the address that the result names', async () => {
      const started = await executor.run(start(64), 0)
      if (!started.ok) throw new Error(started.reason)
      expect(Object.keys(weightsOf(started.blobs, started.output.weights)).length).toBeGreaterThan(0)
    })

    test('a training that diverges is a result, and the next job runs', async () => {
      expect(await executor.run(diverging, 0)).toMatchObject({ ok: false, cause: 'training', reason: /^diverged/ })
      expect((await executor.run(start(64), 1)).ok).toBe(true)
    })

    test('a job for other data breaks and does not train on what is there', async () => {
      await expect(executor.run({ ...start(64), data: 'other' }, 0)).rejects.toThrow('other')
    })

    test('an input that nobody has is refused before the job is sent', async () => {
      await expect(executor.run({ ...start(64), teacherLogits: '00' }, 0)).rejects.toThrow('nobody has the bytes of 00')
    })

    test('drained: what waits is dropped, what runs is finished; reopened: jobs are taken again', async () => {
      const running = Array.from({ length: executor.workers }, (_, i) => executor.run(start(640), i))
      const waiting = [executor.run(start(64), 8), executor.run(start(64), 9)]
      const dropped = waiting.map((job) => expect(job).rejects.toBeInstanceOf(Dropped))
      executor.drain()
      await Promise.all(dropped)
      for (const job of running) expect((await job).ok).toBe(true)
      await expect(executor.run(start(64), 0)).rejects.toBeInstanceOf(Dropped)
      executor.reopen()
      expect((await executor.run({ ...start(64), ...base }, 0)).ok).toBe(true)
    })

    test.runIf(endsHangingJobs)('a job that hangs is tried again, then fails; the others never notice', async () => {
      const [hung, other] = await Promise.all([executor.run(start(endless), 0), executor.run(start(64), 1)])
      expect(hung).toMatchObject({ ok: false, cause: 'worker', reason: /^timeout: more than 1/ })
      expect(other!.ok).toBe(true)
    })
  })
}
