import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import { quantise } from '../../src/quant/quantise.ts'
import { shrinkModel, sparsityOf } from '../../src/quant/shrink.ts'
import { codedBytes, huffmanBits, weightBytes } from '../../src/quant/size.ts'
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

const model = quantise(
  graph,
  randomWeights(graph, 1),
  graph.shapes.map(() => ({ min: -4, max: 4 })),
)
const values = (m: typeof model, i: number) => [...new Set(m.layers[i]!.kernels[0].weights)]

test('shared values: at most as many as asked for, near what they replace, and the coded kernels shrink', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.constantFrom(0, 0.3), (clusters, sparsity) => {
      const shared = shrinkModel(model, { clusters, sparsity })
      const before = shrinkModel(model, { clusters: undefined, sparsity })
      for (const i of [0, 1, 2]) {
        expect(values(shared, i).length).toBeLessThanOrEqual(clusters)
        const [from, to] = [before.layers[i]!.kernels[0].weights, shared.layers[i]!.kernels[0].weights]
        // each weight has the nearest of the values, but for their rounding; where weights were dropped, zero is theirs alone
        const own = values(shared, i).filter((v) => sparsity === 0 || v !== 0)
        from.forEach((q, k) => {
          if (sparsity > 0 && q === 0) expect(to[k]).toBe(0)
          else expect(Math.abs(to[k]! - q)).toBeLessThanOrEqual(Math.min(...own.map((v) => Math.abs(v - q))) + 1)
        })
      }
    }),
    { numRuns: 30 },
  )
  const bytes = [255, 64, 16, 4].map((clusters) => codedBytes(shrinkModel(model, { clusters, sparsity: 0 })))
  expect(bytes).toEqual([...bytes].sort((a, b) => b - a))
  expect(bytes[0]).toBe(codedBytes(model))
  // 576 weights; four bits and a book of 16 values a kernel
  expect(bytes[2]).toBeLessThan(576 / 2 + 3 * 32)
})

test('two far groups become their means', () => {
  const one = buildGraph([1, 1, 6], [{ kind: 'dense', inputs: [0], units: 1, activation: 'none' }])
  const layers = [
    {
      kernels: [{ weights: Int8Array.of(100, 104, 102, -50, -52, -51), weightScales: Float32Array.of(1) }] as const,
      bias: Int32Array.of(0),
    },
  ]
  const tensors = [0, 1].map(() => ({ scale: 1, zeroPoint: 0 }))
  const shared = shrinkModel({ graph: one, tensors, layers }, { clusters: 2, sparsity: 0 })
  expect([...shared.layers[0]!.kernels[0].weights]).toEqual([102, 102, 102, -51, -51, -51])
})

test('sparse: the smallest become zero, and the coded kernels shrink', () => {
  const sparse = (sparsity: number) => shrinkModel(model, { clusters: undefined, sparsity })
  expect(sparse(0)).toEqual(model)
  expect(sparsityOf(sparse(0.5))).toBeCloseTo(0.5, 2)
  const [before, after] = [model.layers[0]!.kernels[0].weights, sparse(0.5).layers[0]!.kernels[0].weights]
  const dropped = before.filter((_, k) => after[k] === 0).map(Math.abs)
  expect(Math.max(...dropped)).toBeLessThanOrEqual(Math.min(...after.filter((v) => v !== 0).map(Math.abs)))
  // code books take a good part of kernels this small
  expect(codedBytes(sparse(0.9))).toBeLessThan(0.6 * codedBytes(model))
})
