import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadTarget } from '../../src/device/load.ts'
import { defaultBudget, price } from '../../src/device/predict.ts'
import { runtimePrices } from '../../src/run/after/runtimes.ts'
import { randomGraph } from '../helpers/random-model.ts'

const boards = ['stm32f446', 'rp2040', 'esp32-s3', 'stm32h747:x-cube-ai', 'alif-e8'].map((spec) => loadTarget(spec))

test('prices are those of each target; one that fits is recommended: at most half slower than the fastest, no other of these takes less', () => {
  fc.assert(
    fc.property(fc.nat(999), fc.constantFrom(...boards), (seed, target) => {
      const graph = randomGraph(`runtimes/${seed}`, { maxSide: 40, maxOps: 10 })
      const budget = defaultBudget(target)
      const rows = runtimePrices(graph, target, budget)
      expect(rows.filter((row) => row.searched).map((row) => row.target)).toEqual([target.id])
      for (const row of rows) {
        const cost = price(graph, loadTarget(row.target))
        expect([row.latencyMs, row.ramBytes, row.flashBytes]).toEqual([cost.latencyMs, cost.ramBytes, cost.flashBytes])
      }
      const fitting = rows.filter((row) => row.fits)
      const picks = rows.filter((row) => row.recommended !== undefined)
      expect(picks.length).toBe(fitting.length > 0 && rows.length > 1 ? 1 : 0)
      const [pick] = picks
      if (pick === undefined) return
      const fastest = Math.min(...fitting.map((row) => row.latencyMs))
      const share = (row: (typeof rows)[number]) => row.ramBytes / budget.ramBytes + row.flashBytes / budget.flashBytes
      expect(pick.fits && pick.latencyMs <= 1.5 * fastest).toBe(true)
      for (const row of fitting) if (row.latencyMs <= 1.5 * fastest) expect(share(pick)).toBeLessThanOrEqual(share(row))
    }),
    { numRuns: 60 },
  )
})

test('a bound on latency decides what fits, and nothing is recommended where nothing fits', () => {
  const target = boards[0]!
  const graph = randomGraph('runtimes/bound', { maxSide: 40, maxOps: 10 })
  const rows = runtimePrices(graph, target, { ...defaultBudget(target), latencyMs: 1e-9 })
  expect(rows.some((row) => row.fits || row.recommended !== undefined)).toBe(false)
})
