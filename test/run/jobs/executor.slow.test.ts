import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { openDataset } from '../../../src/data/open.ts'
import { threadExecutor } from '../../../src/run/jobs/executor.ts'
import type { JobOf } from '../../../src/run/jobs/job.ts'
import { planStudy } from '../../../src/run/record/plan.ts'
import { openStudySpace } from '../../../src/run/record/prepare.ts'
import { decode } from '../../../src/space/decode.ts'
import { randomGenome } from '../../../src/space/genome.ts'
import { rng } from '../../../src/util/rng.ts'

const { report, ...dataset } = await openDataset('builtin:gestures?count=200', { seed: '1', cacheDir: '/tmp' })
const space = openStudySpace('auto', dataset)
const { graph, unpruned } = decode(space, randomGenome(space, rng('executor', 1)))
const { recipe } = planStudy({ dataset, typicalMacs: 1e6, workers: 2, trials: 4 }).trial
const start = (examples: number): JobOf<'start'> => ({
  version: 1,
  kind: 'start',
  candidate: { graph, unpruned, seed: 's' },
  recipe: { ...recipe, warmExamples: examples },
  split: 'searchValidation',
})
const endless = 1e9

const setup = { dataset, metric: { kind: 'accuracy' }, engine: 'wasm', fastMath: false, memoryBytes: 0 } as const
const limit = 1000
/** When each attempt at an endless job began: the executor asks for its limit then. */
const attempts: number[] = []
const executor = threadExecutor(setup, 2, (job) => {
  if (job.recipe.warmExamples !== endless) return 60_000
  attempts.push(performance.now())
  return limit
})
afterAll(() => executor.close())

/** Share of one processor that this process takes, its threads included, over a while. */
async function busyShare(ms: number): Promise<number> {
  const before = process.cpuUsage()
  await pause(ms)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / ms
}

test('a job that hangs is ended and tried again, then fails; the others never notice', async () => {
  const [hung, ...others] = await Promise.all([
    executor.run(start(endless), 0),
    executor.run(start(640), 1),
    executor.run(start(640), 2),
  ])
  expect(hung).toMatchObject({ ok: false, reason: expect.stringMatching(/^timeout: more than 1/) })
  // asked once more for the message
  const [first, second, end] = attempts as [number, number, number]
  for (const took of [second - first, end - second]) {
    expect(took).toBeGreaterThan(0.9 * limit)
    expect(took - limit).toBeLessThan(1000)
  }
  for (const other of others) expect(other.ok).toBe(true)
  expect(others[0]!.ok && others[0]!.output.weights).toEqual(others[1]!.ok && others[1]!.output.weights)
  expect((await executor.run(start(640), 3)).ok).toBe(true)
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
