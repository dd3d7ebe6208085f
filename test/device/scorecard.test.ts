import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Scorecard } from '../../bench/fit/scorecard.ts'
import { packageRoot } from '../../src/util/package-root.ts'

const card = JSON.parse(readFileSync(join(packageRoot, 'docs/scorecard.json'), 'utf8')) as Scorecard
const scored = (runtime: RegExp) =>
  card.targets.filter((t) => t.models >= 8 && /^(stm32|nrf|rp2|efr32)/.test(t.target) && runtime.test(t.target))

/** The floors of the committed coefficients; test/device/fit.slow.test.ts checks that the committed page is what the fit gives. */
describe('docs/scorecard.json', () => {
  it.each(scored(/./).map((t) => [t.target, t] as const))(
    '%s: a network that was left out is predicted within 12 %% on average, and better than from its MACs',
    (_, t) => {
      expect(t.leaveModelOut.mape).toBeLessThan(0.12)
      // reference kernels spend the same on every product: there, MACs are all that matters
      if (!t.target.includes('reference')) expect(t.leaveModelOut.mape).toBeLessThan(t.macsOnly!.mape)
    },
  )

  it('covers TFLM, CMSIS-NN, X-CUBE-AI and TinyEngine', () => {
    for (const runtime of [/tflm-reference/, /tflm-cmsis-nn/, /x-cube-ai/, /tinyengine/])
      expect(scored(runtime).length).toBeGreaterThan(0)
  })

  it('has intervals that hold nine left-out measurements in ten', () => {
    expect(card.intervalCoverage).toBeGreaterThan(0.85)
    expect(card.intervalCoverage).toBeLessThan(0.95)
  })

  it.each(card.operators.map((o) => [`${o.board} ${o.kind}`, o] as const))('%s: ten-fold error', (_, o) => {
    expect(o.ours.mape).toBeLessThanOrEqual(o.board === 'nRF52832' ? 0.04 : 0.03)
  })
})
