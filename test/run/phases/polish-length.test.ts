import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shareOut } from '../../../src/run/phases/polish-length.ts'

const members = fc.array(fc.integer({ min: 1000, max: 5_000_000 }), { minLength: 1, maxLength: 12 })
const spent = (macs: number[], examples: number[]) => macs.reduce((sum, m, i) => sum + m * examples[i]!, 0)
const sized = (macs: number[]) => macs.map((m, n) => ({ n, macs: m }))

test('all members see equally many examples, but for those that reach their own bound', () => {
  fc.assert(
    fc.property(members, fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 4 }), (macs, mean, workers) => {
      const budget = mean * macs.reduce((a, b) => a + b)
      const bound = (m: { macs: number }) => Math.min(400_000, budget / workers / m.macs)
      const examples = shareOut(sized(macs), budget, bound)
      const most = Math.max(...examples)
      macs.forEach((m, i) => {
        expect(examples[i]!).toBeLessThanOrEqual(bound({ macs: m }) * (1 + 1e-9))
        if (examples[i]! < most * (1 - 1e-9)) expect(examples[i]!).toBeCloseTo(bound({ macs: m }), 3)
      })
    }),
  )
})

test('the budget is spent, unless every member has reached its bound', () => {
  fc.assert(
    fc.property(members, fc.integer({ min: 1, max: 1e6 }), (macs, mean) => {
      const budget = mean * macs.reduce((a, b) => a + b)
      const examples = shareOut(sized(macs), budget, () => 300_000)
      if (examples.some((e) => e < 300_000)) expect(spent(macs, examples) / budget).toBeCloseTo(1, 6)
      else expect(spent(macs, examples)).toBeLessThanOrEqual(budget * (1 + 1e-9))
    }),
  )
})
