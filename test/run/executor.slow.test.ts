import { afterAll, expect, test } from 'vitest'
import { openDataset } from '../../src/data/index.ts'
import { threadExecutor } from '../../src/run/executor.ts'
import type { JobOf } from '../../src/run/job.ts'
import { planStudy } from '../../src/run/plan.ts'
import { openStudySpace } from '../../src/run/prepare.ts'
import { decode, randomGenome } from '../../src/space/index.ts'
import { rng } from '../../src/util/rng.ts'

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
const executor = threadExecutor(setup, 2, (job) => (job.recipe.warmExamples === endless ? 1000 : 60_000))
afterAll(() => executor.close())

test('a job that hangs is ended and tried again, then fails; the others never notice', async () => {
  const from = performance.now()
  const [hung, ...others] = await Promise.all([
    executor.run(start(endless), 0),
    executor.run(start(640), 1),
    executor.run(start(640), 2),
  ])
  expect(hung).toMatchObject({ ok: false, reason: expect.stringMatching(/^timeout: more than 1/) })
  expect(performance.now() - from).toBeLessThan(2 * 1000 + 10_000)
  for (const other of others) expect(other.ok).toBe(true)
  expect(others[0]!.ok && others[0]!.output.weights).toEqual(others[1]!.ok && others[1]!.output.weights)
  expect((await executor.run(start(640), 3)).ok).toBe(true)
})
