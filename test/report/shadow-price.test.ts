import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shadowLines, shadowPrices } from '../../src/report/shadow-price.ts'
import type { FrontMember, MetricView } from '../../src/report/view.ts'

const accuracy: MetricView = { name: 'accuracy', split: 'selection-validation' }
const error: MetricView = { name: 'mae', split: 'selection-validation', better: 'down' }
const member = (
  trial: number,
  int8: number | null,
  ramBytes: number,
  latencyMs: number,
  energyUj: number | null = null,
): FrontMember => ({
  trial,
  genome: '',
  accuracy: { float32: null, int8, test: null, testLow: null, testHigh: null },
  cost: { latencyMs, latencyLowMs: null, latencyHighMs: null, ramBytes, flashBytes: 50_000, energyUj, macs: 1, params: 1 },
})
const front = [member(3, 0.95, 32_000, 9), member(1, 0.9, 12_000, 20), member(2, 0.93, 20_000, 5), member(4, null, 1000, 1)]

describe('shadowPrices', () => {
  it('by hand: what each step of RAM and of latency buys', () => {
    const { ram, latency, flash, energy } = shadowPrices(front, accuracy)
    expect(ram!.map(({ gain, ...s }) => ({ ...s, points: Math.round(gain * 1000) / 10 }))).toEqual([
      { from: 1, to: 2, at: 12_000, extra: 8000, points: 3 },
      { from: 2, to: 3, at: 20_000, extra: 12_000, points: 2 },
    ])
    // the slowest is not the best: more time than 9 ms buys nothing
    expect(latency!.map((s) => [s.from, s.to, s.extra])).toEqual([[2, 3, 4]])
    // equal flash: the best of them comes first, and nothing is left to buy
    expect(flash).toEqual([])
    expect(energy).toBeUndefined()
  })

  it('an error that is smaller is better', () => {
    const { ram } = shadowPrices([member(0, 2, 1000, 1), member(1, 1.5, 2000, 1), member(2, 1.8, 3000, 1)], error)
    expect(ram).toEqual([{ from: 0, to: 1, at: 1000, extra: 1000, gain: 0.5 }])
  })

  it('steps follow each other, rise, and add up to the best score', () => {
    const members = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 20 })), {
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(members, (list) => {
        const some = list.map(([score, ram], i) => member(i, score / 20, ram, 1))
        const ram = shadowPrices(some, accuracy).ram!
        ram.forEach((s, i) => {
          expect(s.extra).toBeGreaterThan(0)
          expect(s.gain).toBeGreaterThan(0)
          if (i > 0) expect([s.from, s.at]).toEqual([ram[i - 1]!.to, ram[i - 1]!.at + ram[i - 1]!.extra])
        })
        const least = Math.min(...some.map((m) => m.cost.ramBytes))
        const first = Math.max(...some.filter((m) => m.cost.ramBytes === least).map((m) => m.accuracy.int8!))
        const best = Math.max(...some.map((m) => m.accuracy.int8!))
        expect(ram.reduce((sum, s) => sum + s.gain, first)).toBeCloseTo(best, 9)
      }),
    )
  })
})

describe('shadowLines', () => {
  it('says what a little more buys from a network on', () => {
    expect(shadowLines(front, 2, accuracy)).toEqual([
      '+12.0 kB RAM buys +2.0 points (#3)',
      '+4.00 ms latency buys +2.0 points (#3)',
    ])
    expect(shadowLines(front, 3, accuracy)).toEqual([])
    expect(shadowLines(front, 99, accuracy)).toEqual([])
  })

  it('names the network that the gain is over, where another is better within the same amount', () => {
    const list = [...front, member(5, 0.8, 21_000, 4)]
    expect(shadowLines(list, 5, accuracy)[0]).toBe(
      '+11.0 kB RAM buys +2.0 points (#3) over #2, the best with no more RAM than this one',
    )
  })
})
