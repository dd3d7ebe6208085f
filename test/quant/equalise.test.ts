import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import type { Activation, Graph } from '../../src/graph/graph.ts'
import { equalise } from '../../src/quant/equalise.ts'
import { foldBatchNorm } from '../../src/quant/fold.ts'
import { forward, randomExample, randomWeights } from './float-reference.ts'

const chain = (activation: Activation): Graph =>
  buildGraph(
    [5, 5, 3],
    [
      { kind: 'conv2d', inputs: [0], channels: 6, kernel: [1, 1], stride: [1, 1], padding: 'same', activation },
      { kind: 'depthwise', inputs: [1], multiplier: 1, kernel: [3, 3], stride: [1, 1], padding: 'same', activation },
      { kind: 'conv2d', inputs: [2], channels: 4, kernel: [3, 3], stride: [2, 2], padding: 'same', activation: 'none' },
      { kind: 'add', inputs: [3, 3], activation: 'none' },
    ],
  )

const close = (a: readonly number[], b: readonly number[]) =>
  a.forEach((v, i) => {
    expect(Math.abs(v - b[i]!)).toBeLessThan(1e-4 * (1 + Math.abs(v)))
  })

test('the float function stays the same', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom<Activation>('none', 'relu', 'relu6'), (seed, activation) => {
      const graph = chain(activation)
      const weights = randomWeights(graph, seed)
      const input = randomExample(graph, seed)
      const before = forward(graph, weights, input)
      const ranges = before.map((v) => ({ min: Math.min(...v), max: Math.max(...v) }))
      close(forward(graph, equalise(graph, weights, ranges), input).at(-1)!, before.at(-1)!)
    }),
    { numRuns: 50 },
  )
})

test('channels of the tensors between come to similar weight ranges', () => {
  const graph = chain('relu')
  const weights: Record<string, Float32Array> = { ...randomWeights(graph, 3) }
  weights['0/gamma'] = Float32Array.of(100, 1, 0.01, 1, 10, 0.1)
  const spread = (w: Readonly<Record<string, Float32Array>>) => {
    const { values: kernel } = foldBatchNorm(graph, w)[0]!.kernels[0]
    const ranges = Array.from({ length: 6 }, (_, c) => Math.max(...kernel.subarray(3 * c, 3 * c + 3).map(Math.abs)))
    return Math.max(...ranges) / Math.min(...ranges)
  }
  expect(spread(weights)).toBeGreaterThan(1000)
  expect(spread(equalise(graph, weights))).toBeLessThan(60)
})

test('a ReLU6 that may saturate is left alone', () => {
  const graph = chain('relu6')
  const weights = randomWeights(graph, 1)
  expect(equalise(graph, weights)).toEqual(weights)
})
