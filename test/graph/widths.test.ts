import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import { countGraph } from '../../src/graph/count.ts'
import type { Op } from '../../src/graph/graph.ts'
import { scaledWidths, widthClasses, withInput, withWidths } from '../../src/graph/widths.ts'
import { randomGraph } from '../helpers/random-model.ts'

const seeds = fc.integer({ min: 0, max: 1e6 })
const conv = (input: number, channels: number, side = 3): Op => ({
  kind: 'conv2d',
  inputs: [input],
  channels,
  kernel: [side, side],
  stride: [1, 1],
  padding: 'same',
  activation: 'relu',
})
const residual = buildGraph(
  [16, 16, 3],
  [
    conv(0, 12),
    conv(1, 20),
    conv(2, 12),
    { kind: 'add', inputs: [1, 3], activation: 'none' },
    { kind: 'averagePool', inputs: [4], kernel: [16, 16], stride: [16, 16], padding: 'valid', activation: 'none' },
    { kind: 'reshape', inputs: [5], shape: [1, 1, 12] },
    { kind: 'dense', inputs: [6], units: 10, activation: 'none' },
    { kind: 'softmax', inputs: [7] },
  ],
)

describe('widthClasses', () => {
  it('ties what an addition joins, and holds the output', () => {
    expect(widthClasses(residual)).toEqual([
      { ops: [0, 2], channels: 12 },
      { ops: [1], channels: 20 },
    ])
  })

  it('any class of any network can change its width, and only that', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 40 }), (seed, width) => {
        const graph = randomGraph(seed)
        for (const { ops } of widthClasses(graph)) {
          const changed = withWidths(graph, new Map(ops.map((i) => [i, width])))
          // a reshape of a map may not hold other numbers of channels
          if (!changed) continue
          expect(buildGraph(graph.shapes[0]!, changed.ops).shapes).toEqual(changed.shapes)
          expect(changed.shapes.at(-1)).toEqual(graph.shapes.at(-1))
          for (const i of ops) expect(changed.shapes[i + 1]![2]).toBe(width)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('withInput', () => {
  it('shrinks the map, and the pool over all of it', () => {
    const half = withInput(residual, 8, 8)!
    expect(half.shapes.map((s) => s.join('x'))).toEqual(
      '8x8x3 8x8x12 8x8x20 8x8x12 8x8x12 1x1x12 1x1x12 1x1x10 1x1x10'.split(' '),
    )
    expect(countGraph(half).params).toBe(countGraph(residual).params)
  })

  it('of the same size is the same network', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const graph = randomGraph(seed, { kinds: ['conv2d', 'depthwise', 'dense', 'add', 'mul', 'mean', 'reshape', 'pad'] })
        expect(withInput(graph, graph.shapes[0]![0], graph.shapes[0]![1])).toEqual(graph)
      }),
      { numRuns: 100 },
    )
  })
})

describe('scaledWidths', () => {
  it('never adds work, and keeps input and output', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 8 }), (seed, eighths) => {
        const graph = randomGraph(seed)
        const less = scaledWidths(graph, eighths / 8)
        if (!less) return
        expect(countGraph(less).macs).toBeLessThanOrEqual(countGraph(graph).macs)
        expect([less.shapes[0], less.shapes.at(-1)]).toEqual([graph.shapes[0], graph.shapes.at(-1)])
      }),
      { numRuns: 200 },
    )
  })
})
