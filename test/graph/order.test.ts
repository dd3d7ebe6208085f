import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import type { Graph, Op } from '../../src/graph/graph.ts'
import { betterOrder, peakOf, reordered } from '../../src/graph/order.ts'

const conv = (input: number, channels: number, stride = 1): Op => ({
  kind: 'conv2d',
  inputs: [input],
  channels,
  kernel: [1, 1],
  stride: [stride, stride],
  padding: 'same',
  activation: 'relu',
})

/** Every order there is. */
function* orders(graph: Graph, done: readonly number[] = []): Generator<readonly number[]> {
  const n = graph.ops.length
  if (done.length === n) yield done
  for (let i = 0; i < n; i++) {
    const isReady = graph.ops[i]!.inputs.every((t) => t === 0 || done.includes(t - 1))
    if (!done.includes(i) && isReady && (i !== n - 1 || done.length === n - 1)) yield* orders(graph, [...done, i])
  }
}

test('a chain has one order', () => {
  expect(betterOrder(buildGraph([8, 8, 3], [conv(0, 8), conv(1, 16), conv(2, 4)]))).toBeUndefined()
})

test('two branches that widen and narrow are run one after the other', () => {
  // widen, widen, narrow, narrow, join: both wide tensors live together for nothing
  const graph = buildGraph([8, 8, 4], [conv(0, 32), conv(0, 32), conv(1, 2), conv(2, 2), { kind: 'concat', inputs: [3, 4] }])
  const better = betterOrder(graph)!
  expect(better.order).toEqual([0, 2, 1, 3, 4])
  expect(peakOf(graph)).toBe(64 * (4 + 32 + 32))
  expect(better.peakBytes).toBe(64 * (4 + 2 + 32))
  expect(peakOf(reordered(graph, better.order))).toBe(better.peakBytes)
})

test('no order of a random network has a smaller peak', () => {
  const branchy = fc
    .array(fc.record({ from: fc.nat(), channels: fc.integer({ min: 1, max: 24 }), joins: fc.boolean(), other: fc.nat() }), {
      minLength: 2,
      maxLength: 6,
    })
    .map((draws) => {
      const ops: Op[] = []
      for (const { from, channels, joins, other } of draws) {
        const t = from % (ops.length + 1)
        ops.push(joins ? { kind: 'concat', inputs: [t, other % (ops.length + 1)] } : conv(t, channels))
      }
      return buildGraph([4, 4, 3], ops)
    })
  fc.assert(
    fc.property(branchy, (graph) => {
      const smallest = Math.min(...[...orders(graph)].map((order) => peakOf(reordered(graph, order))))
      const better = betterOrder(graph)
      expect(better?.peakBytes ?? peakOf(graph)).toBe(smallest)
      if (better) expect(peakOf(reordered(graph, better.order))).toBe(smallest)
    }),
    { numRuns: 200 },
  )
})
