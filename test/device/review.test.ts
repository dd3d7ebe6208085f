import { describe, expect, it } from 'vitest'
import { microBenchmarks } from '../../src/device/benchmarks.ts'
import { calibrate, groupMs, type Measurement, pulls } from '../../src/device/calibrate.ts'
import { loadTarget } from '../../src/device/load.ts'
import { price } from '../../src/device/predict.ts'
import { measureNext, outliers } from '../../src/device/review.ts'
import { groupOf, type TermName, termGroups } from '../../src/device/terms.ts'
import { decode } from '../../src/space/decode.ts'
import { openSpace } from '../../src/space/genes.ts'
import { randomGenome } from '../../src/space/genome.ts'
import { loadSpace } from '../../src/space/load.ts'
import { rng } from '../../src/util/rng.ts'
import { randomGraph } from '../helpers/random-model.ts'

const prior = loadTarget('stm32f401')
const truth = loadTarget('stm32h743:x-cube-ai-7')
const graphs = microBenchmarks.map((b) => b.graph)
const measured = (graph: Measurement['graph'], factor = 1): Measurement => ({
  graph,
  latencyMs: factor * price(graph, truth).latencyMs,
})

describe('outliers', () => {
  /** Networks like each other, timed with 3 % of noise on a board that is 1.4 times as slow as the prior says. */
  const rows = (n: number, seed: number): Measurement[] =>
    Array.from({ length: n }, (_, i) => {
      const graph = randomGraph(`row ${seed} ${i}`, { kinds: ['conv2d', 'depthwise'], maxOps: 5 })
      return { graph, latencyMs: 1.4 * price(graph, prior).latencyMs * (1 + 0.03 * rng(seed, 'noise', i).normal()) }
    })

  it('finds nearly always the row that is two or three times off, and never another one', () => {
    let found = 0
    let tried = 0
    for (let seed = 0; seed < 40; seed++)
      for (const factor of [3, 2, 1 / 2, 1 / 3]) {
        const n = 4 + (seed % 7)
        const at = seed % n
        const wrong = rows(n, seed).map((m, i) => (i === at ? { ...m, latencyMs: factor * m.latencyMs } : m))
        const list = outliers(prior, wrong).map((o) => o.row)
        expect([[], [at]]).toContainEqual(list)
        found += list.length
        tried++
      }
    expect(found / tried).toBeGreaterThan(0.95)
  })

  it('finds next to none among honest rows', () => {
    const alarms = Array.from({ length: 60 }, (_, seed) => outliers(prior, rows(4 + (seed % 7), seed)).length)
    expect(alarms.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(1)
  })

  it('a network unlike all others is none: leaving it out makes nothing better', () => {
    const terms = Object.entries(prior.latency.terms).map(
      ([t, c]) => [t, groupOf(t as TermName) === 'element' ? 6 * c : c] as const,
    )
    const board = { ...prior, latency: { ...prior.latency, terms: Object.fromEntries(terms) } }
    const on = (graph: Measurement['graph'], i: number): Measurement => ({
      graph,
      latencyMs: price(graph, board).latencyMs * (1 + 0.03 * rng('noise', i).normal()),
    })
    const convolutions = Array.from({ length: 5 }, (_, i) =>
      on(randomGraph(`c${i}`, { kinds: ['conv2d', 'depthwise'], maxOps: 5 }), i),
    )
    const all = [...convolutions, on(microBenchmarks.find((b) => b.name === 'element')!.graph, 5)]
    const errors = calibrate(prior, all).leftOut
    expect(errors[5]!).toBeLessThan(-0.8)
    expect(Math.max(...errors.slice(0, 5).map(Math.abs))).toBeLessThan(0.2)
    expect(outliers(prior, all)).toEqual([])
  })

  it('says nothing about three rows', () => expect(outliers(prior, rows(3, 1))).toEqual([]))
})

describe('measureNext', () => {
  const names = (list: readonly { candidate: number }[]): string[] => list.map((s) => microBenchmarks[s.candidate]!.name)

  it('asks for what was not measured, and never for what was', () => {
    const shown = microBenchmarks.filter((b) => !['depthwise', 'element'].includes(b.name)).map((b) => measured(b.graph))
    expect(names(measureNext(prior, shown, graphs))).toHaveLength(2)
    const convolutions = ['conv', 'series', 'pointwise', 'dense', 'element', 'thin'].map((name) =>
      measured(microBenchmarks.find((b) => b.name === name)!.graph),
    )
    expect(names(measureNext(prior, convolutions, graphs))[0]).toBe('depthwise')
  })

  it('each measurement makes every prediction more certain, relative to the width of the interval', () => {
    const shown: Measurement[] = []
    let before = Number.POSITIVE_INFINITY
    for (let n = 0; n < 6; n++) {
      const list = measureNext(prior, shown, graphs)
      const half = Math.log(calibrate(prior, shown).target.latency.high)
      // the factors' common level moves the pulls a little, hence the tenth
      const most = list[0]!.spread / half
      expect(most).toBeLessThan(1.1 * before)
      before = most
      shown.push(measured(graphs[list[0]!.candidate]!))
    }
    expect(before).toBeLessThan(2)
  })

  it('without measurements, the variance is that of the pulls alone', () => {
    const [first] = measureNext(prior, [], graphs)
    const x = groupMs(graphs[first!.candidate]!, prior)
    const ms = x.reduce((a, b) => a + b, 0)
    const variance = termGroups.reduce((sum, g, i) => sum + (x[i]! / ms) ** 2 / pulls[g], 0)
    const half = Math.log(calibrate(prior, []).target.latency.high)
    expect(first!.spread).toBeCloseTo(half * Math.sqrt(variance), 9)
  })

  it('five networks in its order make another core and runtime known to within a quarter', () => {
    const space = openSpace(loadSpace('mobilenetv2'), { input: [48, 48, 3], outputs: 10, task: 'classification', kind: 'image' })
    const asked = Array.from({ length: 30 }, (_, i) => measured(decode(space, randomGenome(space, rng('asked', i))).graph))
    const errorOf = (rows: readonly Measurement[]): number => {
      const { target } = calibrate(prior, rows)
      return asked.reduce((sum, m) => sum + Math.abs(price(m.graph, target).latencyMs / m.latencyMs - 1), 0) / asked.length
    }
    const shown: Measurement[] = []
    while (shown.length < 5) shown.push(measured(graphs[measureNext(prior, shown, graphs)[0]!.candidate]!))
    expect(errorOf([])).toBeGreaterThan(5)
    expect(errorOf(shown)).toBeLessThan(0.25)
  })
})
