import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { macRange, mostCycles } from '../../bench/fit/core-limits.ts'
import { listDevices, loadTarget, runtimesOn } from '../../src/device/load.ts'
import { predict, price } from '../../src/device/predict.ts'
import type { Target } from '../../src/device/schema.ts'
import { addTerms, termNames } from '../../src/device/terms.ts'
import { buildGraph } from '../../src/graph/build.ts'
import { elements, type Graph, type Op, type OpKind, type Shape } from '../../src/graph/graph.ts'

/** Every listed board with every runtime that runs on its core; accelerators have limits of their own (accelerators.test.ts). */
const targets = listDevices()
  .flatMap(runtimesOn)
  .filter((t) => t.runtime.accelerator === undefined)

type Size = {
  readonly rows: number
  readonly columns: number
  readonly channels: number
  readonly out: number
  readonly kernel: number
}
const window = (kernel: number) =>
  ({ inputs: [0], kernel: [kernel, kernel], stride: [1, 1], padding: 'same', activation: 'none' }) as const

/** An operator of every kind: what is not here does not compile. */
const operators: { readonly [K in OpKind]: (size: Size) => Op } = {
  conv2d: ({ out, kernel }) => ({ kind: 'conv2d', channels: out, ...window(kernel) }),
  depthwise: ({ kernel }) => ({ kind: 'depthwise', multiplier: 1, ...window(kernel) }),
  dense: ({ out }) => ({ kind: 'dense', inputs: [0], units: out, activation: 'none' }),
  add: () => ({ kind: 'add', inputs: [0, 0], activation: 'none' }),
  mul: () => ({ kind: 'mul', inputs: [0, 0], activation: 'none' }),
  averagePool: ({ kernel }) => ({ kind: 'averagePool', ...window(kernel) }),
  maxPool: ({ kernel }) => ({ kind: 'maxPool', ...window(kernel) }),
  mean: () => ({ kind: 'mean', inputs: [0] }),
  softmax: () => ({ kind: 'softmax', inputs: [0] }),
  reshape: ({ rows, columns, channels }) => ({ kind: 'reshape', inputs: [0], shape: [1, 1, rows * columns * channels] }),
  pad: () => ({ kind: 'pad', inputs: [0], before: [1, 1], after: [1, 1] }),
  concat: () => ({ kind: 'concat', inputs: [0, 0] }),
  quantize: () => ({ kind: 'quantize', inputs: [0] }),
  hardSwish: () => ({ kind: 'hardSwish', inputs: [0] }),
}
const kinds = Object.keys(operators) as OpKind[]

const oneOperator = (kind: OpKind, size: Size): Graph => {
  const input: Shape = [size.rows, size.columns, size.channels]
  return buildGraph(input, [operators[kind](size)])
}
const cyclesOf = (graph: Graph, target: Target): number =>
  predict(graph, target).perOp[0]!.latencyMs * target.device.clockMhz * 1000

/** Products that are computed: those on padding may be skipped. */
function products(graph: Graph): number {
  const terms = new Float64Array(termNames.length)
  addTerms(graph, 0, terms)
  const of = (name: (typeof termNames)[number]): number => terms[termNames.indexOf(name)]!
  return of('conv.inside') + of('pointwise.mac') + of('depthwise.inside') + of('dense.mac')
}

const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 32 }),
  columns: fc.integer({ min: 1, max: 32 }),
  channels: fc.integer({ min: 1, max: 96 }),
  out: fc.integer({ min: 1, max: 96 }),
  kernel: fc.constantFrom(1, 2, 3, 5, 7),
})

describe.each(kinds)('%s, on every board and runtime', (kind) => {
  it('costs what its core and kernels can do: no less than their peak, no more than the slowest', () => {
    expect(targets.length).toBeGreaterThan(200)
    fc.assert(
      fc.property(sizes, (size) => {
        const graph = oneOperator(kind, size)
        const macs = predict(graph, targets[0]!).perOp[0]!.macs
        const touched = graph.shapes.reduce((sum, s) => sum + elements(s), 0)
        const wrong = targets.filter((target) => {
          const { fewest, most } = macRange(target.device.core, target.runtime.formula)
          const cycles = cyclesOf(graph, target)
          const floor = Math.max(1, fewest * products(graph))
          const ceiling = most * macs + mostCycles.element * touched + mostCycles.operator
          return !(cycles >= floor * (1 - 1e-3) && cycles <= ceiling)
        })
        expect(wrong.map((t) => t.id)).toEqual([])
      }),
      { numRuns: 12 },
    )
  })

  it('costs more with twice the rows, and with twice the channels', () => {
    fc.assert(
      fc.property(sizes, ({ out, channels, ...size }) => {
        // channels by 16: kernels work on blocks, and a block half full costs as much as a full one
        const small = { ...size, channels: 16 * Math.ceil(channels / 16), out: 16 * Math.ceil(out / 16) }
        const tall = { ...small, rows: 2 * small.rows }
        const wide = { ...small, channels: 2 * small.channels, out: 2 * small.out }
        const wrong = targets.filter((target) => {
          const least = cyclesOf(oneOperator(kind, small), target)
          return [tall, wide].some((more) => cyclesOf(oneOperator(kind, more), target) <= least)
        })
        expect(wrong.map((t) => t.id)).toEqual([])
      }),
      { numRuns: 6 },
    )
  })
})

describe('a wide pointwise layer (16.8 million products)', () => {
  const graph = buildGraph(
    [64, 64, 64],
    [{ kind: 'conv2d', channels: 64, inputs: [0], kernel: [1, 1], stride: [1, 1], padding: 'same', activation: 'relu' }],
  )
  it.each(['x-cube-ai-7', 'x-cube-ai', 'st-edge-ai'])(
    'is not free on STM32U585 under %s: more than a cycle a product',
    (runtime) => {
      const [u585, u575] = ['stm32u585', 'stm32u575'].map((device) => price(graph, loadTarget(`${device}:${runtime}`)).latencyMs)
      expect((u585! * 160_000) / 16_777_216).toBeGreaterThan(1)
      // sister parts: alike but for the versions that were timed (ST Edge AI: 9 and 10.2 on U575, 3 and 10.0 on U585)
      expect(Math.abs(u585! / u575! - 1)).toBeLessThan(runtime === 'st-edge-ai' ? 0.4 : 0.15)
    },
  )
})
