import { expect, test } from 'vitest'
import { verdict } from '../../src/report/compare-html.ts'
import { coverage, objectivesOf } from '../../src/report/coverage.ts'
import type { FrontMember } from '../../src/report/view.ts'
import { madeUpStudy } from '../helpers/study-view.ts'

const metric = { name: 'accuracy', split: 'test' }
const make = (trial: number, int8: number | null, latencyMs: number): FrontMember => ({
  trial,
  genome: '',
  accuracy: { float32: null, int8, test: null, testLow: null, testHigh: null },
  cost: { latencyMs, latencyLowMs: null, latencyHighMs: null, ramBytes: 1, flashBytes: 1, energyUj: null, macs: 1, params: 1 },
})

test('hand-counted coverage', () => {
  const a = [make(1, 0.9, 10), make(2, 0.8, 5)]
  const b = [make(1, 0.9, 10), make(2, 0.85, 12), make(3, 0.95, 20), make(4, null, 1)]
  // of b's three scored members, the first is equalled, the second dominated, the third beyond a's reach
  expect(coverage(a, b, ['error', 'latency'], metric)).toEqual({ share: 2 / 3, dominated: 1, total: 3 })
  expect(coverage(b, a, ['error', 'latency'], metric)).toEqual({ share: 1 / 2, dominated: 0, total: 2 })
  expect(coverage(a, [], ['error', 'latency'], metric)).toEqual({ share: null, dominated: 0, total: 0 })
})

test('a front covers itself and dominates none of itself', () => {
  for (const { front } of madeUpStudy().targets)
    expect(coverage(front, front, ['error', 'latency', 'ram', 'flash'], metric)).toEqual({
      share: 1,
      dominated: 0,
      total: front.length,
    })
})

test('objectives in the order asked for, smaller is better', () => {
  expect(objectivesOf(make(1, 0.9, 7), ['latency', 'error', 'energy'], metric)!.map((x) => Number(x.toFixed(6)))).toEqual([
    7, 0.1, 0,
  ])
  expect(objectivesOf(make(1, 2.5, 7), ['error'], { ...metric, better: 'down' })).toEqual([2.5])
})

test('verdicts follow the tallies', () => {
  const tally = (dominated: number, total: number) => ({ dominated, total })
  expect(verdict('A', 'B', tally(4, 4), tally(0, 3))).toBe('A is better throughout')
  expect(verdict('A', 'B', tally(0, 4), tally(3, 3))).toBe('B is better throughout')
  expect(verdict('A', 'B', tally(0, 4), tally(0, 3))).toContain('neither')
  expect(verdict('A', 'B', tally(3, 4), tally(1, 3))).toBe('A is ahead on more of the range')
  expect(verdict('A', 'B', tally(0, 0), tally(0, 3))).toContain('empty')
})
