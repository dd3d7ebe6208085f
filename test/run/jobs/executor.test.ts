import { expect, test } from 'vitest'
import { executorOn } from '../../../src/run/jobs/executor.ts'
import { makeHandler } from '../../../src/run/jobs/handle.ts'
import { inlineExecutor } from '../../../src/run/jobs/inline.ts'
import { UnequalResults } from '../../../src/run/jobs/ledger.ts'
import { executorContract } from './executor-contract.ts'
import { toyQueue } from './toy-queue.ts'
import { endless, setup, start } from './work.ts'

executorContract('in this thread', () => inlineExecutor(setup, 1), { endsHangingJobs: false })
executorContract('a queue of text that delivers twice', (limitMs) => toyQueue(setup, 2, limitMs), { endsHangingJobs: false })

const altered = (result: import('../../../src/run/jobs/job.ts').JobResult) =>
  result.ok ? { ...result, output: { ...result.output, weights: '0'.repeat(64) } } : result

test('a second delivery that differs stops the study, and says so for every later job', async () => {
  const executor = toyQueue(setup, 1, undefined, altered)
  expect((await executor.run(start(64), 0)).ok).toBe(true)
  await new Promise((resolve) => setImmediate(resolve))
  await expect(executor.run(start(64), 1)).rejects.toBeInstanceOf(UnequalResults)
  await expect(executor.run(start(128), 2)).rejects.toThrow('two workers made different results of one job (start)')
})

test('a second delivery that differs in times alone is harmless', async () => {
  const slower = (result: import('../../../src/run/jobs/job.ts').JobResult) => ({ ...result, busyMs: result.busyMs + 1 })
  const executor = toyQueue(setup, 1, undefined, slower)
  for (const n of [0, 1, 2]) expect((await executor.run(start(64), n)).ok).toBe(true)
})

test('the same job done again must come to the same, however long after', async () => {
  const handle = makeHandler(setup, () => 0)
  let deliveries = 0
  const executor = executorOn({
    workers: 1,
    async send(job, inputs, { deliver }) {
      const result = await handle(job, inputs)
      deliver(++deliveries === 2 ? altered(result) : result)
    },
    close: async () => undefined,
  })
  expect((await executor.run(start(64), 0)).ok).toBe(true)
  await expect(executor.run(start(64), 1)).rejects.toBeInstanceOf(UnequalResults)
})

test('a result that comes after the limit is taken by the second attempt, and its late twin is harmless', async () => {
  const handle = makeHandler(setup, () => 0)
  const late: (() => void)[] = []
  const executor = executorOn(
    {
      workers: 1,
      async send(job, inputs, { deliver }) {
        const result = await handle(job, inputs)
        if (late.length === 0) late.push(() => deliver(result))
        else deliver(result)
      },
      close: async () => undefined,
    },
    () => 1000,
  )
  expect((await executor.run(start(64), 0)).ok).toBe(true)
  for (const deliver of late) deliver()
  expect((await executor.run(start(64), 1)).ok).toBe(true)
})

test('a transport that breaks rejects its job and no other', async () => {
  const executor = executorOn({
    workers: 2,
    send: async (job, _, { deliver }) => {
      if (job.recipe.warmExamples === endless) throw new Error('the line is cut')
      deliver({ ok: false, reason: 'x', cause: 'worker', busyMs: 0 })
    },
    close: async () => undefined,
  })
  const [cut, fine] = await Promise.allSettled([executor.run(start(endless), 0), executor.run(start(64), 1)])
  expect(cut).toMatchObject({ status: 'rejected', reason: { message: 'the line is cut' } })
  expect(fine).toMatchObject({ status: 'fulfilled' })
})
