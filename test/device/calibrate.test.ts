import { describe, expect, it } from 'vitest'
import { haveData } from '../../bench/fit/data.ts'
import { modelRows } from '../../bench/fit/rows.ts'
import { calibrate, type Measurement } from '../../src/device/calibrate.ts'
import { loadTarget } from '../../src/device/load.ts'
import { price } from '../../src/device/predict.ts'
import { randomGraph } from '../helpers/random-model.ts'

const prior = loadTarget('stm32f401')
const graphs = Array.from({ length: 8 }, (_, i) => randomGraph(`calibrate ${i}`, { maxSide: 24 }))
const measured = (of: (g: Measurement['graph']) => number): Measurement[] =>
  graphs.map((graph) => ({ graph, latencyMs: of(graph) }))
const mean = (errors: readonly number[]): number => errors.reduce((sum, e) => sum + Math.abs(e), 0) / errors.length

describe('calibrate', () => {
  it('finds the speed of a board that is simply slower, from one measurement', () => {
    const slow = (g: Measurement['graph']): number => 1.3 * price(g, prior).latencyMs
    const { target, before } = calibrate(prior, measured(slow).slice(0, 1))
    expect(before[0]).toBeCloseTo(1 / 1.3 - 1, 9)
    for (const graph of graphs) expect(price(graph, target).latencyMs / slow(graph)).toBeCloseTo(1, 6)
    expect(target.latency).toMatchObject({ calibrated: true, rows: 1 })
    expect(price(graphs[0]!, target).calibrated).toBe(true)
  })

  it('learns another runtime from a few networks', () => {
    const other = loadTarget('stm32h743:x-cube-ai-7')
    const { before, leftOut, target } = calibrate(
      prior,
      measured((g) => price(g, other).latencyMs),
    )
    expect(mean(before)).toBeGreaterThan(0.3)
    expect(mean(leftOut)).toBeLessThan(mean(before) / 2)
    expect(target.latency.high).toBeGreaterThan(1)
    expect(target.latency.low).toBeLessThan(1)
  })

  it('leaves the prior alone without measurements', () => {
    expect(calibrate(prior, []).target.latency.terms).toEqual(prior.latency.terms)
  })
})

describe.skipIf(!haveData)('calibrate on published timings', () => {
  it('six networks on STM32H747 make the seventh and all others better than the coefficients of another core', () => {
    const rows = modelRows().filter((r) => r.device === 'stm32h747' && r.runtime === 'x-cube-ai')
    const from = loadTarget('stm32l4r5:x-cube-ai')
    const target = { ...from, device: loadTarget('stm32h747').device }
    const all = rows.map((r): Measurement => ({ graph: r.graph, latencyMs: r.cycles / 480_000 }))
    const calibrated = calibrate(target, all.slice(0, 6)).target
    const errorOf = (t: typeof target): number => mean(all.slice(6).map((m) => price(m.graph, t).latencyMs / m.latencyMs - 1))
    expect(errorOf(target)).toBeGreaterThan(0.3)
    expect(errorOf(calibrated)).toBeLessThan(0.15)
  })
})
