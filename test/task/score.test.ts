import fc from 'fast-check'
import { expect, test } from 'vitest'
import { oneEach } from '../../src/task/labels.ts'
import { wilsonInterval } from '../../src/task/metrics.ts'
import { confusionMatrix } from '../../src/task/predictions.ts'
import { score, trivialScore } from '../../src/task/score.ts'

/** truth 0,0,0,1,1,2 answered 0,0,1,1,2,2 */
const labels = oneEach([0, 0, 0, 1, 1, 2])
const answers = [0, 0, 1, 1, 2, 2]
const predictions = { count: 6, outputs: 3, scores: answers.flatMap((a) => [0, 1, 2].map((c) => (c === a ? 1 : 0))) }

test('hand-counted scores', () => {
  expect(confusionMatrix(predictions, labels)).toEqual([
    [2, 1, 0],
    [0, 1, 1],
    [0, 0, 1],
  ])
  expect(score({ kind: 'accuracy' }, predictions, labels)).toBeCloseTo(4 / 6, 12)
  expect(score({ kind: 'balanced-accuracy' }, predictions, labels)).toBeCloseTo((2 / 3 + 1 / 2 + 1) / 3, 12)
  expect(score({ kind: 'macro-f1' }, predictions, labels)).toBeCloseTo((4 / 5 + 2 / 4 + 2 / 3) / 3, 12)
  expect(score({ kind: 'mae' }, { count: 3, outputs: 1, scores: [1, 2, 4] }, oneEach([1, 3, 2]))).toBeCloseTo(1, 12)
  expect(score({ kind: 'rmse' }, { count: 3, outputs: 1, scores: [1, 2, 4] }, oneEach([1, 3, 2]))).toBeCloseTo(
    Math.sqrt(5 / 3),
    12,
  )
})

test('recall at a false-positive rate: the threshold lets at most that share of the others through', () => {
  // margins of class 1 over class 0: negatives 0.1 0.2 0.3 0.9, positives 0.25 0.95
  const margins = [0.1, 0.2, 0.3, 0.9, 0.25, 0.95]
  const p = { count: 6, outputs: 2, scores: margins.flatMap((m) => [0, m]) }
  const truth = oneEach([0, 0, 0, 0, 1, 1])
  expect(score({ kind: 'recall-at-fpr', positive: 1, rate: 0 }, p, truth)).toBe(0.5)
  expect(score({ kind: 'recall-at-fpr', positive: 1, rate: 0.5 }, p, truth)).toBe(1)
})

test('the trivial answer scores the majority', () => {
  expect(trivialScore('classification', { kind: 'accuracy' }, labels, 3)).toBeCloseTo(0.5, 12)
  expect(trivialScore('classification', { kind: 'balanced-accuracy' }, labels, 3)).toBeCloseTo(1 / 3, 12)
  expect(trivialScore('regression', { kind: 'mae' }, oneEach([1, 3]), 1)).toBe(1)
})

test('Wilson interval: published value, bounds and order', () => {
  // 81 of 263: Newcombe 1998, table I, method 3: 0.2553 to 0.3662
  const [low, high] = wilsonInterval(81 / 263, 263)
  expect(low).toBeCloseTo(0.2553, 4)
  expect(high).toBeCloseTo(0.3662, 4)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const [a, b] = wilsonInterval(share, n)
      expect(a >= 0 && b <= 1 && a <= share + 1e-12 && share - 1e-12 <= b).toBe(true)
    }),
  )
})
