import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Scorecard } from '../../bench/fit/scorecard.ts'
import { loadTarget } from '../../src/device/load.ts'
import { packageRoot } from '../../src/util/package-root.ts'

const card = JSON.parse(readFileSync(join(packageRoot, 'docs/scorecard.json'), 'utf8')) as Scorecard
const page = readFileSync(join(packageRoot, 'docs/scorecard.md'), 'utf8')
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

  it('medians: at most 10 % over targets with a floor, 40 % with the board left out', () => {
    expect(card.medians.floorTargets).toBeLessThanOrEqual(0.1)
    expect(card.medians.boards).toBeGreaterThan(30)
    expect(card.medians.leaveDeviceOut).toBeLessThanOrEqual(0.4)
  })

  it.each(card.targets.filter((t) => t.families >= 3 && t.leaveFamilyOut).map((t) => [t.target, t] as const))(
    '%s: a family that was left out within 25 %%, but for the two that the page explains',
    (target, t) => {
      if (target.startsWith('rx65n') || target === 'stm32u585:x-cube-ai-7') expect(page).toContain(`- ${target} (`)
      else expect(t.leaveFamilyOut!.mape).toBeLessThanOrEqual(0.25)
    },
  )

  it('everywhere else within 25 %, or the page says why not', () => {
    const missed = card.targets.filter((t) => t.leaveModelOut.mape > 0.25)
    for (const { target } of missed) expect(page).toContain(`- ${target} (network left out`)
    expect(missed.length).toBeLessThanOrEqual(8)
  })

  it('beats MACs alone and MACs per kind, pooled', () => {
    const { leaveModelOut, macsOnly, macsPerKind } = card.pooled
    expect(leaveModelOut.mape).toBeLessThan(Math.min(macsOnly.mape, macsPerKind.mape) / 2)
    expect(leaveModelOut.median).toBeLessThan(Math.min(macsOnly.median, macsPerKind.median))
  })

  it('in sample, no target but RX65N is missed by more than 20 %: that one calls itself not calibrated', () => {
    const missed = card.targets.filter((t) => t.inSample.mape > 0.2).map((t) => t.target)
    expect(missed).toEqual(['rx65n:tflm-reference'])
    expect(loadTarget('rx65n').latency).toMatchObject({ calibrated: false, rows: 0 })
    expect(loadTarget('stm32u585:x-cube-ai-7').latency.calibrated).toBe(true)
  })

  it('boards that were hidden have an interval within a factor of 1.6 in the median', () => {
    expect(card.hiddenCoverage.width).toBeLessThan(1.6)
  })

  it('has intervals that hold nine left-out measurements in ten, and of boards that were hidden as a whole', () => {
    for (const coverage of [card.intervalCoverage, card.hiddenCoverage.rows, card.hiddenCoverage.targets]) {
      expect(coverage).toBeGreaterThan(0.85)
      expect(coverage).toBeLessThan(0.95)
    }
  })

  it.each(card.operators.map((o) => [`${o.board} ${o.kind}`, o] as const))('%s: ten-fold error', (_, o) => {
    expect(o.ours.mape).toBeLessThanOrEqual(o.board === 'nRF52832' ? 0.04 : 0.03)
  })
})
