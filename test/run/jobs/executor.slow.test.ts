import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { threadExecutor } from '../../../src/run/jobs/threads.ts'
import { executorContract } from './executor-contract.ts'
import { endless, setup, start } from './work.ts'

executorContract('worker threads', (limitMs) => threadExecutor(setup, 2, limitMs), { endsHangingJobs: true })

/** Share of one processor that this process takes, its threads included, over a while. */
async function busyShare(ms: number): Promise<number> {
  const before = process.cpuUsage()
  await pause(ms)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / ms
}

test('each attempt of a job that hangs ends at its limit', async () => {
  const limit = 1000
  /** When each attempt began: the executor asks for its limit then. */
  const attempts: number[] = []
  const executor = threadExecutor(setup, 1, () => {
    attempts.push(performance.now())
    return limit
  })
  expect(await executor.run(start(endless), 0)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/^timeout: more than 1/),
  })
  // asked once more for the message
  const [first, second, end] = attempts as [number, number, number]
  for (const took of [second - first, end - second]) {
    expect(took).toBeGreaterThan(0.9 * limit)
    expect(took - limit).toBeLessThan(1000)
  }
  await executor.close()
})

test('closing stops what runs within a second, and nothing goes on in the background', async () => {
  const other = threadExecutor(setup, 2, () => 60_000)
  // both threads are up and at work
  for (const result of await Promise.all([0, 1].map((n) => other.run(start(64), n)))) expect(result.ok).toBe(true)
  const running = [2, 3].map((n) =>
    other.run(start(endless), n).then(
      () => 'finished',
      () => 'cancelled',
    ),
  )
  await pause(200)
  expect(await busyShare(300)).toBeGreaterThan(0.3)
  const from = performance.now()
  await other.close()
  expect(await Promise.all(running)).toEqual(['cancelled', 'cancelled'])
  expect(performance.now() - from).toBeLessThan(1000)
  expect(await busyShare(500)).toBeLessThan(0.2)
})
