import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Cost } from '../../src/device/cost.ts'
import { compareRuntimes, runtimeLines } from '../../src/report/runtimes.ts'

const cost = (ramBytes: number, flashBytes: number, latencyMs: number, spread = 1.2): Cost => ({
  ramBytes,
  flashBytes,
  latencyMs,
  latencyLowMs: latencyMs / spread,
  latencyHighMs: latencyMs * spread,
  energyUj: null,
  calibrated: false,
})
const budget = { ramBytes: 100_000, flashBytes: 400_000 }
const tflm = { runtime: 'tflm-cmsis-nn', title: 'TFLM', cost: cost(20_000, 148_000, 28.8) }
const own = { runtime: 'tinyfront-c', title: 'C', cost: cost(11_800, 40_100, 30) }
const pick = (entries: readonly (typeof own)[], bounds = budget) =>
  compareRuntimes(entries, bounds)
    .filter((r) => r.recommended)
    .map((r) => r.runtime)

test('as fast as the intervals can tell: the smaller one; clearly slower: the faster one', () => {
  expect(pick([tflm, own])).toEqual(['tinyfront-c'])
  expect(pick([tflm, { ...own, cost: cost(11_800, 40_100, 60) }])).toEqual(['tflm-cmsis-nn'])
  expect(runtimeLines(compareRuntimes([tflm, own], budget))).toEqual([
    'with TFLM  20.0 kB RAM, 148 kB flash, 28.8 ms',
    'with C     11.8 kB RAM, 40.1 kB flash, 30.0 ms  recommended',
  ])
})

test('the faster one that does not fit is not recommended; where none fits, none is', () => {
  const slow = { ...own, cost: cost(11_800, 40_100, 60) }
  expect(pick([tflm, slow], { ramBytes: 15_000, flashBytes: 400_000 })).toEqual(['tinyfront-c'])
  expect(pick([tflm, slow], { ramBytes: 1, flashBytes: 1 })).toEqual([])
})

test('at most one is recommended, none that another beats in everything', () => {
  const any = fc.record({
    ram: fc.integer({ min: 1, max: 99 }),
    flash: fc.integer({ min: 1, max: 99 }),
    ms: fc.integer({ min: 1, max: 99 }),
  })
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 4 }), (drawn) => {
      const entries = drawn.map(({ ram, flash, ms }, i) => ({ runtime: `${i}`, title: `${i}`, cost: cost(ram, flash, ms) }))
      const made = compareRuntimes(entries, { ramBytes: 90, flashBytes: 90 })
      const [best, ...more] = made.filter((r) => r.recommended)
      expect(more).toEqual([])
      expect(best === undefined).toBe(drawn.every((d) => d.ram > 90 || d.flash > 90))
      if (!best) return
      const beats = ({ cost: c }: (typeof made)[number]) =>
        c.ramBytes < best.cost.ramBytes && c.flashBytes < best.cost.flashBytes && c.latencyMs < best.cost.latencyMs
      expect(made.some(beats)).toBe(false)
    }),
  )
})
