import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { featureNames, featureOf } from '../../src/device/accelerator/features.ts'
import { mapOperators, onCpu, summarise } from '../../src/device/accelerator/mapping.ts'
import type { Accelerator } from '../../src/device/accelerator/schema.ts'
import { totalViolation, violations } from '../../src/device/cost.ts'
import { listDevices, listRuntimes, loadTarget, runtimesOn } from '../../src/device/load.ts'
import { defaultBudget, predict, price } from '../../src/device/predict.ts'
import type { Target } from '../../src/device/schema.ts'
import { shortfalls } from '../../src/device/what-if.ts'
import { buildGraph } from '../../src/graph/build.ts'
import { countGraph } from '../../src/graph/count.ts'
import type { Graph, Op, Shape } from '../../src/graph/graph.ts'
import { randomGraph } from '../helpers/random-model.ts'

const targets = listDevices()
  .flatMap(runtimesOn)
  .filter((t) => t.runtime.accelerator !== undefined)
const engines: readonly (readonly [string, Target])[] = targets.map((t) => [`${t.device.id}:${t.runtime.id}`, t])
const accelerator = (spec: string): Accelerator => loadTarget(spec).runtime.accelerator!

const ethos = accelerator('mps3:ethos-u55-128')
const n6 = accelerator('stm32n6')
const max78000 = accelerator('max78000')
const axon = accelerator('nrf54-axon')

const window = { inputs: [0], kernel: [3, 3], stride: [1, 1], padding: 'same', activation: 'relu' } as const
const conv = (more: Partial<Extract<Op, { kind: 'conv2d' }>> = {}): Op => ({ kind: 'conv2d', channels: 8, ...window, ...more })
const pool = (more: Partial<Extract<Op, { kind: 'averagePool' }>> = {}): Op => ({
  kind: 'averagePool',
  ...window,
  activation: 'none',
  ...more,
})
const whereIs = (input: Shape, op: Op, on: Accelerator) => mapOperators(buildGraph(input, [op]), on)[0]!

describe('the mapping check, case by case from the published rules', () => {
  it.each([
    // Vela 5.2, SUPPORTED_OPS.md: "Stride>3 is only supported IF (dilation = 1 AND padding = VALID)"
    ['a stride of 4 with padding', [30, 30, 3], conv({ stride: [4, 4] }), ethos, 'cpu'],
    [
      'a stride of 4 where padding SAME pads nothing',
      [32, 32, 3],
      pool({ kernel: [4, 4], stride: [4, 4] }),
      ethos,
      'accelerator',
    ],
    ['a stride of 4 without padding', [30, 30, 3], conv({ stride: [4, 4], padding: 'valid' }), ethos, 'accelerator'],
    [
      'a depthwise stride of 4',
      [32, 32, 8],
      { kind: 'depthwise', multiplier: 1, ...window, stride: [4, 4], padding: 'valid' },
      ethos,
      'cpu',
    ],
    ['average pooling 9 high with padding', [32, 32, 8], pool({ kernel: [9, 3] }), ethos, 'cpu'],
    ['average pooling 9 high without', [32, 32, 8], pool({ kernel: [9, 3], padding: 'valid' }), ethos, 'accelerator'],
    ['a mean over 4,096 rows', [4096, 1, 2], { kind: 'mean', inputs: [0] }, ethos, 'cpu'],
    ['a hard swish', [8, 8, 8], { kind: 'hardSwish', inputs: [0] }, ethos, 'accelerator'],
    // ST: pooling windows and softmax
    ['a softmax on Neural-ART', [1, 1, 10], { kind: 'softmax', inputs: [0] }, n6, 'cpu'],
    ['a global pool of 25 x 5', [25, 5, 64], { kind: 'mean', inputs: [0] }, n6, 'cpu'],
    ['a global pool of 7 x 7', [7, 7, 64], { kind: 'mean', inputs: [0] }, n6, 'accelerator'],
    // ai8x: stride, kernels, depthwise
    ['a stride of 2 on MAX78000', [32, 32, 3], conv({ stride: [2, 2] }), max78000, 'cpu'],
    ['a 3 x 3 kernel on MAX78000', [32, 32, 3], conv(), max78000, 'accelerator'],
    ['a 3 x 1 kernel over pictures', [32, 32, 3], conv({ kernel: [3, 1] }), max78000, 'cpu'],
    ['a kernel of 9 along time', [128, 1, 6], conv({ kernel: [9, 1], padding: 'valid' }), max78000, 'accelerator'],
    ['more than 8,192 pixels', [96, 96, 3], conv(), max78000, 'cpu'],
    ['a depthwise layer on MAX78000', [8, 8, 8], { kind: 'depthwise', multiplier: 1, ...window }, max78000, 'cpu'],
    ['1,025 outputs', [1, 1, 8], { kind: 'dense', inputs: [0], units: 1025, activation: 'none' }, max78000, 'cpu'],
    // Nordic: filters, neurons, channel multipliers
    ['a 17 x 17 filter on Axon', [32, 32, 3], conv({ kernel: [17, 17] }), axon, 'cpu'],
    ['a 1 x 32 filter', [1, 64, 3], conv({ kernel: [1, 32] }), axon, 'accelerator'],
    ['a channel multiplier', [8, 8, 8], { kind: 'depthwise', multiplier: 2, ...window }, axon, 'cpu'],
    ['2,049 inputs', [1, 1, 2049], { kind: 'dense', inputs: [0], units: 4, activation: 'none' }, axon, 'cpu'],
    ['average pooling with padding', [8, 8, 8], pool(), axon, 'cpu'],
  ] as const)('%s', (_, input, op, on, where) => {
    const found = whereIs(input, op as Op, on)
    expect(found.on).toBe(where)
    // every refusal has a reason that a person can read
    expect(found.why.length > 0).toBe(where === 'cpu')
  })

  it('notes what stays and takes longer', () => {
    expect(whereIs([49, 10, 1], conv({ kernel: [10, 4] }), n6)).toMatchObject({
      on: 'accelerator',
      notes: ['kernels higher than 3 are computed in several passes'],
    })
  })

  it('sums up by reason, refusals first, and says where there are more layers than the hardware holds', () => {
    const deep = buildGraph(
      [16, 16, 4],
      Array.from({ length: 33 }, (_, i): Op => ({ ...conv(), inputs: [i] }) as Op),
    )
    const { mapped, operators, reasons } = summarise(deep, max78000)
    expect([mapped, operators]).toEqual([33, 33])
    expect(reasons).toEqual([
      { on: 'accelerator', why: '33 layers with weights, of which the hardware takes 32 at once', ops: [] },
    ])
  })
})

describe('a compiler that refuses what does not map', () => {
  const costOf = (...ops: readonly Op[]) => {
    const graph = buildGraph([16, 16, 4], ops)
    return { cost: price(graph, loadTarget('max78000')), graph }
  }
  it('makes the network infeasible, by the number of operators; a softmax, which it has in software, does not', () => {
    const mapped = costOf(
      conv(),
      { kind: 'mean', inputs: [1] },
      { kind: 'dense', inputs: [2], units: 4, activation: 'none' },
      { kind: 'softmax', inputs: [3] },
    )
    expect(mapped.cost.refusedOps).toBeUndefined()
    const { cost } = costOf(conv({ stride: [2, 2] }), { ...conv({ kernel: [5, 5] }), inputs: [1] } as Op)
    expect(cost.refusedOps).toBe(2)
    const target = loadTarget('max78000')
    expect(totalViolation(violations(cost, defaultBudget(target)))).toBe(2)
    expect(shortfalls(cost, target, defaultBudget(target))).toMatchObject([{ resource: 'mapping', need: 2 }])
    // the CPU of the same chip runs it
    expect(price(costOf(conv({ stride: [2, 2] })).graph, loadTarget('max78000:tflm-cmsis-nn')).refusedOps).toBeUndefined()
  })
})

describe.each(engines)('%s', (_, target) => {
  const of = target.runtime.accelerator!

  it('places random networks alike in words and in prices; what it leaves has a reason, features are finite', () => {
    for (let seed = 0; seed < 60; seed++) {
      const graph = randomGraph(`accelerator/${seed}`, { maxSide: 40 })
      const mapping = mapOperators(graph, of)
      expect(onCpu(graph, of)).toEqual(mapping.flatMap(({ on }, i) => (on === 'cpu' ? [i] : [])))
      expect(mapping.every(({ on, why }) => (on === 'cpu') === why.length > 0)).toBe(true)
      expect(graph.ops.every((_, i) => featureNames.every((name) => Number.isFinite(featureOf(name, graph, i))))).toBe(true)
    }
  })

  it('costs no less than its peak: MACs of what maps over MACs a cycle', () => {
    const { engine, id } = of
    const clock = target.device.accelerators!.find((a) => a.id === id)!.clockMhz
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const graph = randomGraph(seed, { maxSide: 40, kinds: ['conv2d', 'dense', 'depthwise'] })
        predict(graph, target).perOp.forEach(({ latencyMs, macs }, i) => {
          if (mapOperators(graph, of)[i]!.on === 'cpu') return
          expect(latencyMs * clock * 1000).toBeGreaterThanOrEqual((macs / peak(engine)) * engine.scale * 0.999)
        })
      }),
      { numRuns: 25 },
    )
  })

  it('costs no less with twice the rows, and with twice the channels', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 64 }),
        fc.constantFrom(1, 3),
        (side, channels, k) => {
          const net = (rows: number, c: number): Graph =>
            buildGraph([rows, side, c], [{ kind: 'conv2d', ...window, channels: c, kernel: [k, k] }])
          const least = price(net(side, channels), target).latencyMs
          expect(price(net(2 * side, channels), target).latencyMs).toBeGreaterThanOrEqual(least)
          expect(price(net(side, 2 * channels), target).latencyMs).toBeGreaterThanOrEqual(least)
        },
      ),
      { numRuns: 25 },
    )
  })

  it('is half as slow with both clocks doubled, in the same memory', () => {
    const { device } = target
    const twice = {
      ...device,
      clockMhz: 2 * device.clockMhz,
      accelerators: device.accelerators!.map((a) => ({ ...a, clockMhz: 2 * a.clockMhz })),
    }
    const graph = randomGraph('clock', { maxSide: 40, maxOps: 12 })
    const [now, fast] = [price(graph, target), price(graph, { ...target, device: twice })]
    expect(fast.latencyMs / now.latencyMs).toBeCloseTo(0.5, 12)
    expect([fast.ramBytes, fast.flashBytes]).toEqual([now.ramBytes, now.flashBytes])
  })

  it('is never called calibrated, and its operators add up to its latency less one invocation', () => {
    const graph = randomGraph('sum', { maxSide: 40, maxOps: 12 })
    const { perOp, calibrated, latencyMs } = predict(graph, target)
    const sum = perOp.reduce((ms, op) => ms + op.latencyMs, 0)
    const invoke = (target.latency.terms['overhead.invoke'] ?? 0) / (target.device.clockMhz * 1000)
    expect(calibrated).toBe(false)
    expect(sum + invoke).toBeCloseTo(latencyMs, 9)
    expect(countGraph(graph).macs).toBe(perOp.reduce((n, op) => n + op.macs, 0))
  })
})

/** Products of the fastest step of an engine's convolutions in a cycle. */
function peak({ conv }: Accelerator['engine']): number {
  if ('macsPerCycle' in conv) return conv.macsPerCycle
  const steps = conv.traversals.map((t) => (t.taps * t.channels) / t.cycles)
  return conv.block[0] * conv.block[1] * conv.block[2] * Math.max(...steps)
}

describe('naming an accelerator', () => {
  it('takes the makers’ way round, and an alias of the board', () => {
    expect(loadTarget('ethos-u55-64@mps3').runtime.id).toBe('ethos-u55-64')
    expect(loadTarget('stm32n6').runtime.id).toBe('st-neural-art')
    expect(loadTarget('max78000').runtime.id).toBe('max78000-cnn')
    expect(loadTarget('max78000:tflm-cmsis-nn').runtime.accelerator).toBeUndefined()
  })

  it('refuses one that is not on the chip, and says which runtime there is', () => {
    expect(() => loadTarget('stm32f446:ethos-u55-128')).toThrow(/does not run on STM32F446/)
    expect(() => loadTarget('mps3:ethos-u55-129')).toThrow(/unknown runtime "ethos-u55-129"/)
  })

  it('lists each configuration as a runtime, with a source for its rules and its engine', () => {
    const listed = listRuntimes().flatMap((r) => r.variants[0]!.accelerator ?? [])
    expect(listed.map((a) => a.id)).toEqual(
      expect.arrayContaining(['ethos-u55-32', 'ethos-u65-512', 'st-neural-art', 'axon', 'max78000-cnn']),
    )
    for (const { source, engine } of listed) expect(source.length * engine.source.length).toBeGreaterThan(0)
  })

  it('bounds a network by the accelerator’s own memories where it has them', () => {
    expect(defaultBudget(loadTarget('max78000'))).toEqual({ ramBytes: 524288, flashBytes: 442368 })
  })
})
