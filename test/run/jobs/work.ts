import { openDataset } from '../../../src/data/open.ts'
import type { WorkerSetup } from '../../../src/run/jobs/handle.ts'
import { type JobBase, type JobOf, jobVersion } from '../../../src/run/jobs/job.ts'
import { planStudy } from '../../../src/run/record/plan.ts'
import { openStudySpace } from '../../../src/run/record/prepare.ts'
import { decode } from '../../../src/space/decode.ts'
import { randomGenome } from '../../../src/space/genome.ts'
import { rng } from '../../../src/util/rng.ts'

// Small real work for executors under test.

const { report, ...dataset } = await openDataset('builtin:gestures?count=200', { seed: '1', cacheDir: '/tmp' })
export const setup: WorkerSetup = { dataset, memoryBytes: 0 }
const space = openStudySpace('auto', dataset)
const { graph, unpruned } = decode(space, randomGenome(space, rng('executor', 1)))
const { recipe } = planStudy({ dataset, typicalMacs: 1e6, workers: 2, trials: 4 }).trial
export const base: JobBase = {
  version: jobVersion,
  data: dataset.fingerprint,
  metric: { kind: 'accuracy' },
  engine: 'wasm',
  fastMath: false,
}
const training = { ...base, network: { graph, unpruned, seed: 's' }, split: 'searchValidation' } as const

/** The float stage of one network, so many examples long. */
export const start = (examples: number): JobOf<'start'> => ({
  ...training,
  kind: 'start',
  recipe: { ...recipe, warmExamples: examples },
})
/** What follows it. */
export const finish = (started: JobOf<'finish'>['start']): JobOf<'finish'> => ({
  ...training,
  kind: 'finish',
  start: started,
  recipe: { ...recipe, warmExamples: 64, tuneExamples: 64 },
})
/** A training whose loss leaves the numbers. */
export const diverging: JobOf<'start'> = {
  ...start(640),
  recipe: { ...recipe, warmExamples: 640, peakLearningRate: 1e30, clipNorm: 0 },
}
export const endless = 1e9
