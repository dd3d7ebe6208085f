import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatEta, progressLine } from '../../src/cli/progress-line.ts'
import { shortTime } from '../../src/cli/short-time.ts'
import { etaOf } from '../../src/run/after/eta.ts'
import { leastSeconds, planStudy, trainingSeconds } from '../../src/run/record/plan.ts'

const dataset = {
  kind: 'series' as const,
  task: 'classification' as const,
  classes: ['a', 'b'],
  labels: { values: new Float32Array(200), width: 1 },
  splits: {
    train: Int32Array.from({ length: 120 }, (_, i) => i),
    searchValidation: new Int32Array(20),
    selectionValidation: new Int32Array(20),
    calibration: new Int32Array(20),
    test: new Int32Array(20),
  },
}
const typicalMacs = 100_000
const planned = (limits: { seconds?: number; trials?: number }) => planStudy({ dataset, typicalMacs, workers: 2, ...limits })

describe('a line of progress', () => {
  const lines = fc.record({
    etaSeconds: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
    share: fc.double({ min: -1, max: 2, noNaN: true }),
    count: fc.constantFrom('3/300', '12 trained', 'polish 2/4'),
    details: fc.array(fc.string({ maxLength: 30 }), { maxLength: 5 }),
  })

  test('begins with the time that is left, whole, and fits into every terminal', () =>
    fc.assert(
      fc.property(lines, fc.integer({ min: 20, max: 200 }), (line, width) => {
        const text = progressLine(line, width, 'unicode')
        expect(text.startsWith(` ${formatEta(line.etaSeconds)}`)).toBe(true)
        expect(text.length).toBeLessThanOrEqual(width)
      }),
    ))

  test('80 columns hold the time, the bar, the count, and the best so far', () => {
    const details = ['best 91.2 %', 'hypervolume 0.412', 'w=0.75 stem=c16s4x1k9x1p']
    expect(progressLine({ etaSeconds: 750, share: 0.5, count: '30/60', details }, 80, 'ascii')).toBe(
      ' ETA 13 min · ##########.......... 30/60 · best 91.2 % · hypervolume 0.412',
    )
  })

  test('nothing ever takes 0 s', () => {
    for (let s = 0; s < 200; s += 0.1) expect(formatEta(s)).not.toMatch(/\b0 (s|min)|NaN|60 s/)
    expect([0, 0.9, 59.6, 3599, 3700].map(formatEta)).toEqual([
      'ETA soon',
      'ETA soon',
      'ETA 1 min',
      'ETA 1 h 0 min',
      'ETA 1 h 2 min',
    ])
  })
})

describe('the time that is left', () => {
  const plan = planned({ trials: 60 })
  const pace = { plan, workers: 2, trials: 60, trained: 0, trainedNow: 0, secondsNow: 0, secondsLeft: undefined }

  test('is known before the first trial, from the plan, and falls with every trial', () => {
    const before = etaOf(pace)!
    expect(before).toBeGreaterThan(0)
    const at = (trained: number) => etaOf({ ...pace, trained, trainedNow: trained, secondsNow: trained * 10 })!
    for (let n = 1; n < 60; n++) expect(at(n + 1)).toBeLessThan(at(n))
    // polish is still to come
    expect(at(60)).toBeGreaterThan(0)
  })

  test('goes by the pace of this run, whatever an earlier one had', () => {
    const resumed = etaOf({ ...pace, trained: 50, trainedNow: 2, secondsNow: 20 })!
    const fresh = etaOf({ ...pace, trials: 12, trained: 2, trainedNow: 2, secondsNow: 20 })!
    expect(resumed).toBeCloseTo(fresh, 9)
  })

  test('with --time is the rest of it, never less than nothing', () => {
    expect(etaOf({ ...pace, secondsLeft: 42 })).toBe(42)
    expect(etaOf({ ...pace, secondsLeft: -3 })).toBe(0)
  })
})

describe('the least --time', () => {
  const least = leastSeconds(planned({ seconds: 1e-3 }), true)

  test('holds the shortest teacher and trial within their shares, and less is announced', () => {
    expect(least).toBeGreaterThan(trainingSeconds(typicalMacs, 120 * 20))
    const say = (seconds: number, teacher: 'auto' | 'none' = 'auto') =>
      shortTime({ config: { engine: 'wasm', teacher }, plan: planned({ seconds }) }, seconds)
    expect(say(least * 0.99)).toMatch(/is short: the teacher, one trial, polish and test take about/)
    for (const seconds of [1.01, 2, 10, 1000].map((x) => x * least)) expect(say(seconds), String(seconds)).toBeUndefined()
    expect(say(least / 20, 'none')).not.toMatch(/teacher/)
    expect(shortTime({ config: { engine: 'fake', teacher: 'auto' }, plan: planned({ seconds: 1e-3 }) }, 1e-3)).toBeUndefined()
  })

  test('does not depend on the machine or its workers', () => {
    expect(leastSeconds(planStudy({ dataset, typicalMacs, workers: 16, seconds: 1e-3 }), true)).toBe(least)
  })
})
