import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crowding, dominates, type Point, sortFronts } from '../../src/search/domination.ts'

const point = (objectives: number[], violation = 0): Point => ({ objectives, violation })
const points = fc.array(
  fc.record({
    objectives: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 3, maxLength: 3 }),
    violation: fc.constantFrom(0, 0, 0, 0.5, 1),
  }),
  { minLength: 1, maxLength: 25 },
)

test.each([
  ['1: feasible before infeasible', point([9, 9]), point([0, 0], 0.1), true],
  ['1: not the other way', point([0, 0], 0.1), point([9, 9]), false],
  ['2: less violation before more', point([9, 9], 0.1), point([0, 0], 0.2), true],
  ['2: equal violations are equal', point([0, 0], 0.2), point([9, 9], 0.2), false],
  ['3: nowhere worse, somewhere better', point([1, 2]), point([1, 3]), true],
  ['3: equal points do not dominate', point([1, 2]), point([1, 2]), false],
  ['3: a trade-off', point([1, 3]), point([2, 2]), false],
])('%s', (_, a, b, expected) => expect(dominates(a, b)).toBe(expected))

test('domination is a strict partial order', () =>
  fc.assert(
    fc.property(points, (all) => {
      for (const a of all)
        for (const b of all) {
          expect(dominates(a, b) && dominates(b, a)).toBe(false)
          for (const c of all) if (dominates(a, b) && dominates(b, c)) expect(dominates(a, c)).toBe(true)
        }
    }),
    { numRuns: 30 },
  ))

test('ranks are what peeling off the non-dominated again and again gives', () =>
  fc.assert(
    fc.property(points, (all) => {
      const expected: number[][] = []
      let left = [...all.keys()]
      while (left.length > 0) {
        const front = left.filter((i) => !left.some((j) => dominates(all[j]!, all[i]!)))
        expected.push(front)
        left = left.filter((i) => !front.includes(i))
      }
      expect(sortFronts(all)).toEqual(expected)
    }),
  ))

test('crowding of a hand-counted front: ends are infinite, others the sum of their gaps', () => {
  const all = [point([0, 4]), point([1, 2]), point([3, 1]), point([4, 0])]
  expect(crowding(all, [0, 1, 2, 3])).toEqual([Number.POSITIVE_INFINITY, 3 / 4 + 3 / 4, 3 / 4 + 2 / 4, Number.POSITIVE_INFINITY])
})
