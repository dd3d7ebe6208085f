import { expect, test } from 'vitest'
import { fileBlob, blobs as held, weightsBlob } from '../../../src/run/jobs/blobs.ts'
import type { Executor } from '../../../src/run/jobs/executor.ts'
import { type Job, type JobBase, jobVersion } from '../../../src/run/jobs/job.ts'
import { trainingEvaluator } from '../../../src/run/phases/evaluate.ts'
import type { Teacher } from '../../../src/run/phases/teacher.ts'
import { planStudy } from '../../../src/run/record/plan.ts'
import type { Candidate } from '../../../src/search/strategy.ts'
import { decode } from '../../../src/space/decode.ts'
import { openSpace } from '../../../src/space/genes.ts'
import { randomGenome } from '../../../src/space/genome.ts'
import { loadSpace } from '../../../src/space/load.ts'
import { oneEach } from '../../../src/task/labels.ts'
import { rng } from '../../../src/util/rng.ts'

const space = openSpace(loadSpace('mlp'), { input: [1, 1, 8], outputs: 3, task: 'classification', kind: 'series' })
const none = new Int32Array(0)
const dataset = {
  ...({ kind: 'series', task: 'classification', classes: ['a', 'b', 'c'], labels: oneEach(none) } as const),
  splits: { train: new Int32Array(1000), calibration: none, searchValidation: none, selectionValidation: none, test: none },
} as const
const plan = planStudy({ dataset, typicalMacs: 1e4, workers: 1, trials: 1 }).trial

const base: JobBase = { version: jobVersion, data: '', metric: { kind: 'accuracy' }, engine: 'wasm', fastMath: false }
const common = { isUntaught: () => false, base, plan, seed: '1', keep: async () => 'kept', kept: async () => new Uint8Array() }

const candidate = (n: number, rung = 0): Candidate => {
  const { graph, unpruned } = decode(space, randomGenome(space, rng('evaluate', n)))
  return { n, rung, graph, unpruned } as Candidate
}

/** An executor that writes down what it is asked, and in which order. */
function listening(jobs: Job[]): Executor {
  const weights = weightsBlob({})
  const done = { weights: weights.address, steps: [], int8: 0.5 }
  return {
    run: async (job: Job) => {
      jobs.push(job)
      return { ok: true, output: done, blobs: held(weights), busyMs: 0 }
    },
  } as unknown as Executor
}

test('untaught trials do not wait for the teacher; others begin when it is ready', async () => {
  const jobs: Job[] = []
  let arrive!: () => void
  const logits = fileBlob(new Uint8Array(4))
  const ready = new Promise<{ logits: typeof logits; score: number }>((resolve) => {
    arrive = () => resolve({ logits, score: 0.9 })
  })
  const teacher: Teacher = {
    ready: () => ready,
    isReady: () => false,
    work: 1,
  }
  const evaluate = trainingEvaluator({ ...common, executor: listening(jobs), teacher, isUntaught: ({ n }) => n < 8 })
  const results = [7, 8, 9].map((n) => evaluate(candidate(n)))
  await new Promise((resolve) => setTimeout(resolve, 5))
  const told = () => jobs.map((job) => [job.kind, 'network' in job && job.network.seed, 'teacherLogits' in job])
  const untaught = [
    ['start', '1/trial/7', false],
    ['finish', '1/trial/7', false],
  ]
  expect(told()).toEqual(untaught)
  arrive()
  await Promise.all(results)
  const taught = [
    ['start', '1/trial/8', true],
    ['finish', '1/trial/8', true],
    ['start', '1/trial/9', true],
    ['finish', '1/trial/9', true],
  ]
  expect(told()).toEqual([...untaught, ...taught.map(() => expect.anything())])
  expect(told()).toEqual(expect.arrayContaining(taught))
})

test('without a teacher nobody waits and nobody is taught', async () => {
  const jobs: Job[] = []
  const teacher: Teacher = { ready: async () => undefined, isReady: () => true, work: 0 }
  await trainingEvaluator({ ...common, executor: listening(jobs), teacher })(candidate(3))
  expect(jobs.map((job) => [job.kind, 'teacherLogits' in job])).toEqual([
    ['start', false],
    ['finish', false],
  ])
})

test('a rung up, the same network sees twice the examples, and never one of them more often than any training may', async () => {
  const jobs: Job[] = []
  const teacher: Teacher = { ready: async () => undefined, isReady: () => true, work: 0 }
  const evaluate = trainingEvaluator({ ...common, executor: listening(jobs), teacher })
  for (const rung of [0, 1, 2, 9]) await evaluate(candidate(3, rung))
  const seen = jobs.flatMap((job) => (job.kind === 'start' ? [job.recipe.warmExamples + job.recipe.tuneExamples] : []))
  expect(seen.map((examples) => examples / seen[0]!)).toEqual([
    1,
    expect.closeTo(2, 1),
    expect.closeTo(4, 1),
    expect.closeTo(60_000 / seen[0]!, 1),
  ])
})
