import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import { cluster, clusteredBytes, huffmanBits, magnitudePrune, weightBytes } from '../../src/quant/index.ts'
import { randomWeights } from './float-reference.ts'

const graph = buildGraph(
  [6, 6, 3],
  [
    { kind: 'conv2d', inputs: [0], channels: 8, kernel: [3, 3], stride: [2, 2], padding: 'same', activation: 'relu' },
    { kind: 'depthwise', inputs: [1], multiplier: 1, kernel: [3, 3], stride: [1, 1], padding: 'same', activation: 'relu' },
    { kind: 'dense', inputs: [2], units: 4, activation: 'none' },
  ],
)

test('bytes by number format, counted by hand', () => {
  // 216 + 72 + 288 weights, 8 + 8 + 4 biases
  expect(weightBytes(graph)).toEqual({ float32: 2384, float16: 1192, dynamicRange: 656, int8: 656 })
})

test('Huffman length: between the entropy and one bit a symbol more, and the textbook example', () => {
  expect(huffmanBits([45, 13, 12, 16, 9, 5])).toBe(224) // Cormen et al., Introduction to Algorithms, 16.3
  expect(huffmanBits([7])).toBe(7)
  fc.assert(
    fc.property(fc.array(fc.nat(100), { minLength: 2, maxLength: 40 }), (counts) => {
      const used = counts.filter((n) => n > 0)
      fc.pre(used.length > 1)
      const total = used.reduce((a, b) => a + b, 0)
      const entropy = used.reduce((sum, n) => sum - n * Math.log2(n / total), 0)
      expect(huffmanBits(counts)).toBeGreaterThanOrEqual(entropy - 1e-6)
      expect(huffmanBits(counts)).toBeLessThan(entropy + total)
    }),
  )
})

test('clusters: every value has its nearest centroid, and sharing shrinks the weights', () => {
  const weights = randomWeights(graph, 1)
  const kernel = weights['0/kernel']!
  const { centroids, codes, counts } = cluster(kernel, 16)
  expect(counts.reduce((a, b) => a + b, 0)).toBe(kernel.length)
  const error = kernel.reduce((sum, v, k) => sum + (v - centroids[codes[k]!]!) ** 2, 0)
  const variance = kernel.reduce((sum, v) => sum + v * v, 0)
  expect(error / variance).toBeLessThan(0.02)
  expect(clusteredBytes(weights)).toBeLessThan(576)
})

test('magnitude pruning drops the smallest, and the compressed sizes fall', () => {
  const weights = randomWeights(graph, 2)
  const half = magnitudePrune(weights, 0.5)
  expect(half.sparsity).toBeCloseTo(0.5, 2)
  const kernel = weights['0/kernel']!
  const kept = half.weights['0/kernel']!
  const dropped = kernel.filter((_, k) => kept[k] === 0).map(Math.abs)
  expect(Math.max(...dropped)).toBeLessThanOrEqual(Math.min(...kept.filter((v) => v !== 0).map(Math.abs)))
  const most = magnitudePrune(weights, 0.9)
  const none = magnitudePrune(weights, 0)
  expect(none.weights).toEqual(weights)
  expect(most.gzipBytes).toBeLessThan(half.gzipBytes)
  expect(half.gzipBytes).toBeLessThan(none.gzipBytes)
  expect(most.huffmanBytes).toBeLessThan(half.huffmanBytes)
})
