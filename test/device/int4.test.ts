import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadTarget } from '../../src/device/load.ts'
import { modelBytes, predict, price } from '../../src/device/predict.ts'
import { remedies } from '../../src/device/remedies.ts'
import { budgetUnder, shortfalls, smallestTarget } from '../../src/device/what-if.ts'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { buildGraph } from '../../src/graph/build.ts'
import { countOp } from '../../src/graph/count.ts'
import type { Graph, Op } from '../../src/graph/graph.ts'
import { kernelsOf } from '../../src/graph/traits.ts'
import { pairNibbles } from '../../src/quant/nibbles.ts'
import { profile } from '../../src/run/boards/profile.ts'
import { randomModel } from '../helpers/random-model.ts'

const window = { kernel: [3, 3], stride: [1, 1], padding: 'same', activation: 'relu' } as const
const ops: readonly Op[] = [
  { kind: 'conv2d', inputs: [0], channels: 15, ...window },
  { kind: 'depthwise', inputs: [1], multiplier: 1, ...window },
  { kind: 'conv2d', inputs: [2], channels: 32, ...window, kernel: [1, 1] },
  { kind: 'mean', inputs: [3] },
  { kind: 'dense', inputs: [4], units: 10, activation: 'none' },
]
const wide = buildGraph([16, 16, 3], ops)
const narrow: Graph = { ...wide, ops: ops.map((op) => (op.kind === 'mean' ? op : { ...op, weightBits: 4 })) }

describe('weights in 4 bits on boards', () => {
  test('take half the flash, and a byte for two channels in generated C', () => {
    const own = loadTarget('stm32f446:tinyfront-c')
    const bytes = wide.ops.map((_, i) => countOp(wide, i))
    const biases = bytes.reduce((sum, b) => sum + 4 * b.biases, 0)
    expect(modelBytes(wide, own) - modelBytes(narrow, own)).toBe(27 * 15 + 9 * 15 + 480 + 320 - (27 * 8 + 9 * 8 + 240 + 160))
    expect(modelBytes(narrow, own)).toBeGreaterThan(biases)
    const tflm = loadTarget('stm32f446')
    expect(modelBytes(narrow, tflm)).toBeLessThan(modelBytes(wide, tflm) - 600)
  })

  test('generated C keeps as many bytes as are priced', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { graph, layers } = randomModel(seed, { kinds: ['conv2d', 'depthwise', 'dense'], int4: 'all', maxOps: 4 })
        layers.forEach((layer, i) => {
          if (!layer) return
          const { channels } = kernelsOf(graph, i)[0]!
          expect(pairNibbles(layer.kernels[0].weights, layer.bias.length, channels).length).toBe(countOp(graph, i).pairedBytes)
        })
      }),
      { numRuns: 30 },
    )
  })

  test('take RAM with reference kernels, which unpack them; latency has a wider interval', () => {
    const reference = loadTarget('rp2040:tflm-reference')
    expect(predict(narrow, reference).perOp.map((op) => op.scratchBytes)).toEqual([
      405,
      135,
      480,
      predict(wide, reference).perOp[3]!.scratchBytes,
      320,
    ])
    expect(price(narrow, reference).ramBytes).toBeGreaterThanOrEqual(price(wide, reference).ramBytes)
    const own = loadTarget('stm32f446:tinyfront-c')
    const [a, b] = [price(wide, own), price(narrow, own)]
    expect(b.latencyMs).toBeGreaterThan(a.latencyMs)
    expect(b.latencyHighMs / b.latencyMs).toBeGreaterThan(a.latencyHighMs / a.latencyMs)
    const parts = predict(narrow, own).perOp.reduce((sum, op) => sum + op.latencyMs, 0)
    const whole = predict(wide, own).perOp.reduce((sum, op) => sum + op.latencyMs, 0)
    expect(b.latencyMs - parts).toBeCloseTo(a.latencyMs - whole, 9)
  })

  test.each(['esp32-s3', 'stm32f446:st-edge-ai', 'stm32f746:tinyengine'])('%s cannot run them, in words', (spec) => {
    const target = loadTarget(spec)
    const cost = price(narrow, target)
    expect(cost.unsupportedLayers).toBe(4)
    expect(price(wide, target).unsupportedLayers).toBeUndefined()
    expect(shortfalls(cost, target, budgetUnder(target, {}))).toEqual([{ resource: 'int4', need: 4, have: 0, over: 4 }])
    expect(smallestTarget(narrow, [target])).toBeUndefined()
    const own = loadTarget('stm32f446:tinyfront-c')
    expect(remedies(narrow, target, budgetUnder(target, {}), [own])).toMatchObject([{ kind: 'runtime', target: own.id }])
  })

  test('profile says so, of a file from anywhere', () => {
    const { graph } = randomModel(3, { kinds: ['conv2d'], maxOps: 2, int4: 'all' })
    const bytes = writeTflite(randomModel(3, { kinds: ['conv2d'], maxOps: 2, int4: 'all' })).length
    const { targets } = profile({ name: 'net', graph, dtype: 'int8', bytes }, { targets: ['esp32-s3', 'stm32f446'] })
    expect(targets.map((t) => [t.fits, t.model.bytes])).toEqual([
      [false, bytes],
      [true, bytes],
    ])
  })
})
