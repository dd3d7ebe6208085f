import fc from 'fast-check'
import { expect, test } from 'vitest'
import { spread } from '../../src/run/polish-list.ts'

test('spread takes the ends first, then halves the widest gap', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8]).slice(0, 5)).toEqual([0, 8, 4, 2, 6])
})

test('spread is a permutation', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), (n) => {
      const items = Array.from({ length: n }, (_, i) => i)
      expect(spread(items).sort((a, b) => a - b)).toEqual(items)
    }),
  )
})
