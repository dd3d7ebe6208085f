import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listDevices, listRuntimes, loadTarget } from '../../src/device/load.ts'
import { powerOf } from '../../src/device/power.ts'
import { defaultBudget, predict, price } from '../../src/device/predict.ts'
import type { Target } from '../../src/device/schema.ts'
import { INVOKE, termNames } from '../../src/device/terms.ts'
import { tflmArena } from '../../src/graph/arena.ts'
import { buildGraph } from '../../src/graph/build.ts'
import type { Graph, Op } from '../../src/graph/graph.ts'
import { TinyfrontError } from '../../src/util/errors.ts'
import { randomGraph } from '../helpers/random-model.ts'

const seeds = fc.integer({ min: 0, max: 1e6 })
const one = loadTarget('stm32l4r5')

/** Every device with every runtime that runs on it. */
const all: readonly Target[] = listDevices().flatMap((device) =>
  listRuntimes().flatMap((runtime) => {
    try {
      return [loadTarget(`${device.id}:${runtime.id}`)]
    } catch (error) {
      expect(error).toBeInstanceOf(TinyfrontError)
      return []
    }
  }),
)

const withClock = (target: Target, clockMhz: number): Target => ({ ...target, device: { ...target.device, clockMhz } })

describe('price', () => {
  it('is finite and positive on every target, with the point inside its interval', () => {
    expect(all.length).toBeGreaterThan(200)
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: all.length - 1 }), (seed, index) => {
        const cost = price(randomGraph(seed), all[index]!)
        for (const value of [cost.latencyMs, cost.ramBytes, cost.flashBytes])
          expect(value > 0 && Number.isFinite(value)).toBe(true)
        expect(cost.latencyLowMs).toBeLessThan(cost.latencyMs)
        expect(cost.latencyHighMs).toBeGreaterThan(cost.latencyMs)
        expect(Number.isInteger(cost.ramBytes) && Number.isInteger(cost.flashBytes)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('is the same from a copy of the target in a journal', () => {
    const graph = randomGraph(3)
    for (const target of all.slice(0, 40)) expect(price(graph, JSON.parse(JSON.stringify(target)))).toEqual(price(graph, target))
  })

  it('falls exactly as the clock rises, and nothing else changes', () => {
    const graph = randomGraph(5)
    const slow = price(graph, withClock(one, 60))
    const fast = price(graph, withClock(one, 120))
    expect(slow.latencyMs).toBeCloseTo(2 * fast.latencyMs, 10)
    expect([slow.ramBytes, slow.flashBytes]).toEqual([fast.ramBytes, fast.flashBytes])
  })

  it('is faster with every megahertz, on every target', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 0, max: all.length - 1 }),
        fc.integer({ min: 1, max: 999 }),
        fc.integer({ min: 1, max: 500 }),
        (seed, t, mhz, more) => {
          const graph = randomGraph(seed)
          const [slow, fast] = [mhz, mhz + more].map((clock) => price(graph, withClock(all[t]!, clock)))
          expect(fast!.latencyMs).toBeLessThan(slow!.latencyMs)
          expect(fast!.latencyHighMs).toBeLessThan(slow!.latencyHighMs)
          expect(fast!.latencyLowMs).toBeLessThan(slow!.latencyLowMs)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('energy is measured power x latency, null without a measurement', () => {
    const graph = randomGraph(7)
    const cost = price(graph, one)
    expect(cost.energyUj).toBeCloseTo(powerOf(one)!.mw * cost.latencyMs, 10)
    expect(price(graph, loadTarget('stm32f401')).energyUj).toBeNull()
  })

  it('never falls in latency, flash or MACs when an operator is added', () => {
    const maps = ['conv2d', 'depthwise', 'add', 'mul', 'averagePool', 'maxPool', 'pad'] as const
    const more: readonly ((last: number) => Op)[] = [
      (last) => ({
        kind: 'conv2d',
        inputs: [last],
        channels: 5,
        kernel: [1, 1],
        stride: [1, 1],
        padding: 'same',
        activation: 'relu',
      }),
      (last) => ({
        kind: 'conv2d',
        inputs: [last],
        channels: 8,
        kernel: [3, 3],
        stride: [1, 1],
        padding: 'same',
        activation: 'none',
      }),
      (last) => ({
        kind: 'depthwise',
        inputs: [last],
        multiplier: 1,
        kernel: [3, 3],
        stride: [1, 1],
        padding: 'same',
        activation: 'none',
      }),
      (last) => ({ kind: 'dense', inputs: [last], units: 3, activation: 'none' }),
      (last) => ({ kind: 'add', inputs: [last, last], activation: 'none' }),
      (last) => ({ kind: 'mean', inputs: [last] }),
      (last) => ({ kind: 'softmax', inputs: [last] }),
    ]
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 0, max: more.length - 1 }),
        fc.integer({ min: 0, max: all.length - 1 }),
        (seed, m, t) => {
          const graph = randomGraph(seed, { kinds: maps })
          const longer = buildGraph(graph.shapes[0]!, [...graph.ops, more[m]!(graph.ops.length)])
          const [before, after] = [price(graph, all[t]!), price(longer, all[t]!)]
          expect(after.latencyMs).toBeGreaterThan(before.latencyMs)
          expect(after.flashBytes).toBeGreaterThanOrEqual(before.flashBytes)
          // RAM as a whole may fall: one more buffer can make TFLM's greedy planner lucky (about one network in 4,000). What it keeps may not.
          const kept = (g: Graph): number => tflmArena(g, { kernels: 'cmsis-nn-dsp', abi: 'arm' }).persistentBytes
          expect(kept(longer)).toBeGreaterThan(kept(graph))
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('predict', () => {
  it('adds up: operators and the overhead of the invocation', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { perOp, ...cost } = predict(randomGraph(seed), one)
        const invoke = (one.latency.terms[termNames[INVOKE]!] ?? 0) / (one.device.clockMhz * 1000)
        expect(perOp.reduce((sum, op) => sum + op.latencyMs, invoke)).toBeCloseTo(cost.latencyMs, 9)
        expect(cost).toEqual(price(randomGraph(seed), one))
      }),
      { numRuns: 50 },
    )
  })

  it('counts the layers of a small network by hand', () => {
    const graph: Graph = buildGraph(
      [8, 8, 3],
      [
        { kind: 'conv2d', inputs: [0], channels: 4, kernel: [3, 3], stride: [2, 2], padding: 'same', activation: 'relu' },
        { kind: 'depthwise', inputs: [1], multiplier: 1, kernel: [5, 5], stride: [1, 1], padding: 'same', activation: 'relu' },
        { kind: 'mean', inputs: [2] },
        { kind: 'dense', inputs: [3], units: 2, activation: 'none' },
      ],
    )
    const { perOp } = predict(graph, one)
    expect(perOp.map((o) => o.macs)).toEqual([4 * 4 * 4 * 27, 4 * 4 * 4 * 25, 0, 8])
    expect(perOp.map((o) => o.weightBytes)).toEqual([108 + 16, 100 + 16, 0, 8 + 8])
    // CMSIS-NN with DSP: im2col 4 x ceil4(27); two columns of a 5x5 depthwise; sums and axes of the mean
    expect(perOp.map((o) => o.scratchBytes)).toEqual([112, 200, 16 + 16 + 8, 0])
  })
})

describe('defaultBudget', () => {
  it('is the memory less the reserve, which a flag overrides', () => {
    const { ramBytes, flashBytes, reserveRamBytes, reserveFlashBytes } = one.device
    expect(defaultBudget(one)).toEqual({ ramBytes: ramBytes - reserveRamBytes, flashBytes: flashBytes - reserveFlashBytes })
    expect(defaultBudget(one, { reserveRam: 1000 }).ramBytes).toBe(ramBytes - 1000)
  })
})
