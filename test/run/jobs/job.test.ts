import { expect, test } from 'vitest'
import { type Job, type JobOf, jobVersion } from '../../../src/run/jobs/job.ts'
import type { Recipe } from '../../../src/train/recipe.ts'
import { hashJson } from '../../../src/util/hash.ts'

// What a job can ask for. A field that is new does not compile until it stands here, and then the hash below is another one.

type Names<T> = Record<keyof T, true>
const all = <T>(names: Names<T>) => Object.keys(names).sort()
const base = { version: true, data: true, metric: true, engine: true, fastMath: true, kind: true } as const
const training = { ...base, network: true, recipe: true, split: true, alsoFit: true, teacherLogits: true } as const

const fields = {
  ...({
    teacher: all<JobOf<'teacher'>>({ ...base, graph: true, recipe: true, seed: true, from: true, to: true, checkpoint: true }),
    start: all<JobOf<'start'>>(training),
    finish: all<JobOf<'finish'>>({ ...training, start: true }),
    logits: all<JobOf<'logits'>>({ ...base, graph: true, weights: true, recipe: true }),
    assess: all<JobOf<'assess'>>({ ...base, graph: true, weights: true, recipe: true, split: true }),
    fake: all<JobOf<'fake'>>({ ...base, recipe: true, seed: true, graph: true, unpruned: true, rung: true }),
  } satisfies Record<Job['kind'], string[]>),
  startOfFinish: all<JobOf<'finish'>['start']>({ weights: true, steps: true, relative: true }),
  relative: all<NonNullable<JobOf<'finish'>['start']['relative']>>({ graph: true, layers: true }),
  recipe: all<Recipe>({
    ...{
      batchSize: true,
      warmExamples: true,
      tuneExamples: true,
      peakLearningRate: true,
      warmup: true,
      optimizer: true,
      loss: true,
    },
    ...{ distillation: true, distilsFloat: true, augment: true, clipNorm: true, dropout: true, scoreExamples: true },
    ...{ importance: true, pruneRounds: true, int8Tolerance: true },
  }),
}

test('a job that can ask for something new has a new version, or an old worker would pass over it', () => {
  // another hash: raise `jobVersion`, then write both here
  expect({ jobVersion, fields: hashJson(fields) }).toEqual({ jobVersion: 4, fields: '844f830080469c85' })
})
