import { describe, expect, it } from 'vitest'
import { choose, errorOn, hiddenTarget, measurementsOf } from '../../bench/calibrate.ts'
import { haveData } from '../../bench/fit/data.ts'
import { baseFormulas } from '../../bench/fit/formulas.ts'
import { modelRows, partRows } from '../../bench/fit/rows.ts'
import { calibrate } from '../../src/device/calibrate.ts'

/** A board that the fit has never seen, then five of its published networks, chosen as `tinyfront calibrate` asks for them. */
describe.skipIf(!haveData)('a hidden board, five rows (../shared/data/latency)', () => {
  const formulas = haveData ? baseFormulas() : {}
  const rows = haveData ? [...modelRows(), ...partRows()] : []
  const hidden = (device: string, runtime: string) => {
    const target = hiddenTarget(device, runtime, rows, formulas)
    const all = measurementsOf(rows, target)
    const given = choose(target, all)
    const { target: fitted, leftOut } = calibrate(target, given)
    expect([given.length, leftOut.length]).toEqual([5, 5])
    return { target, before: errorOn(target, all, given), after: errorOn(fitted, all, given) }
  }

  it('stm32h743:tinyengine, a runtime with no other board: from three times off to a few percent', () => {
    const { target, before, after } = hidden('stm32h743', 'tinyengine')
    expect(target.latency.calibrated).toBe(false)
    expect(before.mape).toBeGreaterThan(1)
    expect(after.mape).toBeLessThan(0.05)
    expect(after.coverage).toBeGreaterThanOrEqual(0.9)
  })

  it('rx65n, reference kernels on a core with no other board: better by far, and still the worst', () => {
    const { before, after } = hidden('rx65n', 'tflm-reference')
    expect(after.mape).toBeLessThan(before.mape / 5)
    expect(after.mape).toBeLessThan(0.5)
  })

  it.each([
    ['stm32l4r5', 'tflm-cmsis-nn'],
    ['stm32h747', 'x-cube-ai'],
    ['stm32h747', 'st-edge-ai'],
  ])('%s:%s, where other boards are near: at least as good, within 12 %%', (device, runtime) => {
    const { before, after } = hidden(device, runtime)
    expect(after.mape).toBeLessThan(Math.max(0.12, before.mape))
    expect(after.coverage).toBeGreaterThanOrEqual(0.8)
  })
})
