import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { draws } from '../../src/data/augment.ts'
import { findTriads, triadsIn, withMagnitudes } from '../../src/data/triads.ts'
import { turn } from '../../src/data/turn.ts'

const normalisation = { offset: [1, -2, 0.5, 0, 0, 9], scale: [0.5, 2, 1, 3, 0.25, 1] }
const values = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 24, maxLength: 24 })

/** A triad of a row in the sensor's own units. */
const raw = (example: ArrayLike<number>, row: number, c: number) =>
  [0, 1, 2].map((k) => example[6 * row + c + k]! / normalisation.scale[c + k]! + normalisation.offset[c + k]!)
const length = (v: number[]) => Math.hypot(...v)
const dot = (a: number[], b: number[]) => a.reduce((s, x, k) => s + x * b[k]!, 0)

function turned(example: number[], angle: number, seed: number): Float32Array {
  const out = Float32Array.from(example)
  const random = draws()
  random.reset(seed, 0, 0)
  turn(out, 0, 24, [0, 3], normalisation, angle, random)
  return out
}

describe('turning three-axis sensors', () => {
  test('keeps every length and every angle between the samples of all sensors', () =>
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 3, noNaN: true }), fc.nat(), (example, angle, seed) => {
        const out = turned(example, angle, seed)
        for (const [row, c] of [
          [0, 0],
          [1, 3],
          [3, 0],
        ] as const) {
          expect(length(raw(out, row, c))).toBeCloseTo(length(raw(example, row, c)), 3)
          expect(dot(raw(out, row, c), raw(out, 2, 0))).toBeCloseTo(dot(raw(example, row, c), raw(example, 2, 0)), 2)
        }
      }),
    ))

  test('turns no further than asked, and keeps left- from right-handed', () =>
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 3, noNaN: true }), fc.nat(), (example, angle, seed) => {
        const before = raw(example, 0, 0)
        fc.pre(length(before) > 0.1)
        const after = raw(turned(example, angle, seed), 0, 0)
        const cosine = dot(before, after) / (length(before) * length(after))
        expect(Math.acos(Math.min(1, cosine))).toBeLessThanOrEqual(angle + 0.01)
      }),
    ))
})

test('triads are three channels side by side that end in x, y, z', () => {
  expect(findTriads(['ax', 'ay', 'az', 'gx', 'gy', 'gz'])).toEqual([0, 3])
  expect(findTriads(['t', 'accX', 'accY', 'accZ', 'pressure'])).toEqual([1])
  expect(findTriads(['ax', 'ay', 'gz', 'x', 'z', 'y'])).toEqual([])
  expect(findTriads(['column 0', 'column 1', 'column 2'])).toEqual([])
})

test('a triad that reaches past the last channel is refused', () => {
  expect(() => triadsIn(['a', 'b', 'c', 'd'], [2])).toThrow('window.triads: 2')
  expect(triadsIn(['a', 'b', 'c', 'd'], [1])).toEqual([1])
})

test('magnitudes stand behind the channels of their row', () => {
  expect([...withMagnitudes(Float32Array.of(3, 4, 12, 7, 0, 0, -2, 1), 4, [0])]).toEqual([3, 4, 12, 7, 13, 0, 0, -2, 1, 2])
})
