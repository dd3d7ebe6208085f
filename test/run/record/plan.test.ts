import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planStudy, recipeFor, timeShares, trainingSeconds } from '../../../src/run/record/plan.ts'
import { oneEach } from '../../../src/task/labels.ts'
import { learningRate, totalSteps } from '../../../src/train/recipe.ts'

const dataset = (train: number, labels: number[] = [0, 1]) => ({
  kind: 'image' as const,
  task: 'classification' as const,
  classes: ['a', 'b'],
  labels: oneEach(Array.from({ length: train }, (_, i) => labels[i % labels.length]!)),
  splits: { train: Int32Array.from({ length: train }, (_, i) => i) } as never,
})

test('shares of the time sum to one', () => {
  expect(Object.values(timeShares).reduce((a: number, b) => a + b, 0)).toBeCloseTo(1, 12)
})

test('the planned search and polish take their shares, unless a bound on the length of training holds', () => {
  const plan = planStudy({ dataset: dataset(50000), typicalMacs: 1e6, workers: 2, polishMembers: 6, seconds: 1200 })
  const trialSeconds = trainingSeconds(1e6, plan.trial.recipe.warmExamples + plan.trial.recipe.tuneExamples)
  expect((plan.expectedTrials! * trialSeconds) / 2).toBeGreaterThan(0.9 * 1200 * timeShares.search)
  expect((plan.expectedTrials! * trialSeconds) / 2).toBeLessThan(1.1 * 1200 * timeShares.search)
})

test('more time never makes a training shorter', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 60, max: 7200 }),
      fc.integer({ min: 200, max: 60000 }),
      fc.integer({ min: 1e4, max: 1e7 }),
      (seconds, train, typicalMacs) => {
        const at = (s: number) => planStudy({ dataset: dataset(train), typicalMacs, workers: 2, polishMembers: 6, seconds: s })
        const length = (p: ReturnType<typeof at>) => p.trial.recipe.warmExamples + p.trial.recipe.tuneExamples
        expect(length(at(2 * seconds))).toBeGreaterThanOrEqual(length(at(seconds)))
        expect(at(2 * seconds).polish.recipe.tuneExamples).toBeGreaterThanOrEqual(at(seconds).polish.recipe.tuneExamples)
      },
    ),
  )
})

test('rare classes weigh more once the commonest is three times the rarest', () => {
  const even = planStudy({ dataset: dataset(1000), typicalMacs: 1e6, workers: 1, polishMembers: 1, trials: 5 })
  expect(even.trial.recipe.loss).not.toHaveProperty('classWeights')
  const skewed = planStudy({ dataset: dataset(1000, [0, 0, 0, 0, 1]), typicalMacs: 1e6, workers: 1, polishMembers: 1, trials: 5 })
  const { classWeights } = skewed.trial.recipe.loss as Extract<typeof skewed.trial.recipe.loss, { kind: 'crossEntropy' }>
  expect(classWeights![1]!).toBeGreaterThan(classWeights![0]!)
})

test('the learning rate climbs, peaks once and ends near zero', () => {
  const { recipe: trial } = planStudy({
    dataset: dataset(10000),
    typicalMacs: 1e6,
    workers: 1,
    polishMembers: 1,
    trials: 5,
  }).trial
  const rates = Array.from({ length: totalSteps(trial) }, (_, s) => learningRate(trial, s))
  const peak = rates.indexOf(Math.max(...rates))
  expect(rates[peak]).toBeCloseTo(trial.peakLearningRate, 6)
  for (let s = 1; s < rates.length; s++) expect(s <= peak ? rates[s]! >= rates[s - 1]! : rates[s]! <= rates[s - 1]!).toBe(true)
  expect(rates.at(-1)!).toBeLessThan(0.01 * trial.peakLearningRate)
})

test('no network takes more than its share of the time, and small ones see the whole recipe', () => {
  const { trial } = planStudy({ dataset: dataset(50000), typicalMacs: 1e6, workers: 2, polishMembers: 4, seconds: 1200 })
  fc.assert(
    fc.property(fc.integer({ min: 1e4, max: 1e8 }), (macs) => {
      const { warmExamples, tuneExamples, batchSize } = recipeFor(trial, macs)
      expect(macs * (warmExamples + tuneExamples - 2 * batchSize)).toBeLessThanOrEqual(trial.macExamples)
    }),
  )
  expect(recipeFor(trial, 1e5).tuneExamples).toBeCloseTo(trial.recipe.tuneExamples, -2)
})
