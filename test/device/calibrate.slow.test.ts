import { describe, expect, it } from 'vitest'
import { type Hidden, hiddenBoards, pooledCoverage } from '../../bench/calibrate.ts'
import { haveData } from '../../bench/fit/data.ts'

/** Boards that the fit has never seen, then a few of their published networks (`npm run bench:calibrate`). */
describe.skipIf(!haveData)('hidden boards, a few rows (../shared/data/latency)', () => {
  const boards = haveData ? hiddenBoards() : []
  const of = (target: string): Hidden => boards.find((b) => b.target === target)!

  it('stm32h743:tinyengine, a runtime with no other board: from nearly twice off to a few percent with five rows as asked for', () => {
    const { before, chosen } = of('stm32h743:tinyengine')
    expect(before.mape).toBeGreaterThan(0.8)
    expect(before.coverage).toBe(1)
    expect(chosen.mape).toBeLessThan(0.05)
    expect(chosen.coverage).toBeGreaterThanOrEqual(0.75)
  })

  it('rx65n, reference kernels on a core with no other board: better by far, and still the worst', () => {
    const { before, chosen } = of('rx65n')
    expect(chosen.mape).toBeLessThan(before.mape / 5)
    expect(chosen.mape).toBeLessThan(0.5)
  })

  it.each(['stm32l4r5', 'stm32h747:x-cube-ai', 'stm32h747:st-edge-ai'])(
    '%s, where other boards are near: at least as good, within 12 %%',
    (target) => {
      const { before, chosen } = of(target)
      expect(chosen.mape).toBeLessThan(Math.max(0.12, before.mape))
    },
  )

  it.each([3, 5, 8] as const)(
    'after %d rows, 90 %% intervals hold 85 to 95 %% of the other networks, pooled over boards',
    (n) => {
      expect(boards.length).toBeGreaterThanOrEqual(7)
      expect(pooledCoverage(boards, n)).toBeGreaterThan(0.85)
      expect(pooledCoverage(boards, n)).toBeLessThan(0.95)
    },
  )
})
