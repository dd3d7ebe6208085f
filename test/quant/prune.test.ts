import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import type { Graph, Op } from '../../src/graph/graph.ts'
import { hasBatchNorm, hasWeights } from '../../src/graph/traits.ts'
import { type Weights, weightName } from '../../src/graph/weights.ts'
import { channelImportance, importances } from '../../src/quant/importance.ts'
import { keptChannels, pruneChannels } from '../../src/quant/prune.ts'
import { forward, randomExample, randomWeights } from './float-reference.ts'

const same = { padding: 'same', activation: 'relu' } as const
/** Stem, inverted residual with multiplier 2 and squeeze and excite, plain residual, pool, concatenation, flatten, dense: every tie there is. */
function network(width: { stem: number; expand: number; branch: number; head: number }, flatten: boolean): Graph {
  const ops: Op[] = [
    { kind: 'conv2d', inputs: [0], channels: width.stem, kernel: [3, 3], stride: [1, 1], ...same },
    { kind: 'conv2d', inputs: [1], channels: width.expand, kernel: [1, 1], stride: [1, 1], ...same },
    { kind: 'depthwise', inputs: [2], multiplier: 2, kernel: [3, 3], stride: [1, 1], ...same },
    { kind: 'mean', inputs: [3] },
    { kind: 'dense', inputs: [4], units: width.branch, activation: 'relu' },
    { kind: 'dense', inputs: [5], units: 2 * width.expand, activation: 'hardSigmoid' },
    { kind: 'mul', inputs: [3, 6], activation: 'none' },
    { kind: 'hardSwish', inputs: [7] },
    { kind: 'conv2d', inputs: [8], channels: width.stem, kernel: [1, 1], stride: [1, 1], padding: 'same', activation: 'none' },
    { kind: 'add', inputs: [1, 9], activation: 'none' },
    { kind: 'conv2d', inputs: [10], channels: width.branch, kernel: [1, 1], stride: [1, 1], ...same },
    { kind: 'concat', inputs: [10, 11] },
    { kind: 'averagePool', inputs: [12], kernel: [2, 2], stride: [2, 2], ...same },
    ...(flatten ? [{ kind: 'reshape', inputs: [13], shape: [1, 1, 4 * (width.stem + width.branch)] } as const] : []),
    { kind: 'dense', inputs: [flatten ? 14 : 13], units: width.head, activation: 'relu' },
    { kind: 'dense', inputs: [flatten ? 15 : 14], units: 3, activation: 'none' },
  ]
  return buildGraph([4, 4, 2], ops)
}

/** The unpruned network with dropped channels silenced at their producers. */
function masked(graph: Graph, weights: Weights, kept: readonly number[][]): Weights {
  const result: Record<string, Float32Array> = {}
  for (const [name, values] of Object.entries(weights)) result[name] = values.slice()
  graph.ops.forEach((op, i) => {
    if (!hasWeights(op)) return
    const channels = graph.shapes[i + 1]![2]
    for (let c = 0; c < channels; c++) {
      if (kept[i + 1]!.includes(c)) continue
      for (const part of hasBatchNorm(op) ? (['gamma', 'beta', 'mean'] as const) : (['bias'] as const))
        result[weightName(i, part)]![c] = 0
      if (op.kind === 'dense') {
        const inputs = result[weightName(i, 'kernel')]!.length / channels
        result[weightName(i, 'kernel')]!.fill(0, c * inputs, (c + 1) * inputs)
      }
    }
  })
  return result
}

const widths = fc.record({
  stem: fc.integer({ min: 1, max: 6 }),
  expand: fc.integer({ min: 1, max: 7 }),
  branch: fc.integer({ min: 1, max: 5 }),
  head: fc.integer({ min: 1, max: 6 }),
})

test('the pruned network equals the unpruned one with the dropped channels masked', () => {
  fc.assert(
    fc.property(widths, fc.boolean(), fc.nat(), fc.constantFrom(...importances), (width, flatten, seed, importance) => {
      const big = network({ stem: 6, expand: 7, branch: 5, head: 6 }, flatten)
      const small = network(width, flatten)
      const weights = randomWeights(big, seed)
      const gradients = [randomWeights(big, seed + 1), randomWeights(big, seed + 2)]
      const kept = keptChannels(big, small, weights, importance, gradients)
      const cut = pruneChannels(big, small, weights, importance, gradients)
      const input = randomExample(big, seed)
      const expected = forward(big, masked(big, weights, kept), input).at(-1)!
      forward(small, cut, input)
        .at(-1)!
        .forEach((v, i) => {
          expect(v).toBeCloseTo(expected[i]!, 10)
        })
    }),
    { numRuns: 40 },
  )
})

test('the most important channels stay, ties go to the lower index, order is kept', () => {
  const build = (channels: number) =>
    buildGraph(
      [1, 1, 1],
      [
        { kind: 'conv2d', inputs: [0], channels, kernel: [1, 1], stride: [1, 1], ...same },
        { kind: 'dense', inputs: [1], units: 2, activation: 'none' },
      ],
    )
  const weights: Weights = { ...randomWeights(build(5), 7), '0/kernel': Float32Array.of(0.5, -3, 1, 0.5, 2) }
  expect(keptChannels(build(5), build(3), weights, 'l1')[1]).toEqual([1, 2, 4])
  expect(keptChannels(build(5), build(4), weights, 'l1')[1]).toEqual([0, 1, 2, 4])
  const cut = pruneChannels(build(5), build(3), weights, 'l1')
  expect(Array.from(cut['0/kernel']!)).toEqual([-3, 1, 2])
  const row = weights['1/kernel']!
  expect(Array.from(cut['1/kernel']!)).toEqual([1, 2, 4, 6, 7, 9].map((k) => row[k]))
})

test('taylor averages the magnitude of the change, batch by batch', () => {
  const graph = buildGraph([1, 1, 1], [{ kind: 'conv2d', inputs: [0], channels: 4, kernel: [1, 1], stride: [1, 1], ...same }])
  const weights = randomWeights(graph, 3)
  const gradient = randomWeights(graph, 4)
  const opposite = Object.fromEntries(Object.entries(gradient).map(([name, values]) => [name, values.map((v) => -v)]))
  const once = channelImportance(graph, 0, weights, 'taylor', [gradient])
  channelImportance(graph, 0, weights, 'taylor', [gradient, opposite]).forEach((v, c) => {
    expect(v).toBeCloseTo(once[c]!, 12)
  })
  const change = (c: number) =>
    weights['0/gamma']![c]! * gradient['0/gamma']![c]! + weights['0/beta']![c]! * gradient['0/beta']![c]!
  expect(once[1]! / once[0]!).toBeCloseTo(Math.abs(change(1) / change(0)), 9)
})

test('an equal graph changes nothing', () => {
  const graph = network({ stem: 6, expand: 7, branch: 5, head: 6 }, true)
  const weights = randomWeights(graph, 1)
  expect(pruneChannels(graph, graph, weights, 'l1')).toEqual(weights)
})

test('graphs that do not belong together are refused, and taylor asks for gradients', () => {
  const big = network({ stem: 6, expand: 7, branch: 5, head: 6 }, false)
  const weights = randomWeights(big, 1)
  expect(() => pruneChannels(big, network({ stem: 6, expand: 7, branch: 5, head: 6 }, true), weights, 'l1')).toThrow(RangeError)
  expect(() => pruneChannels(big, network({ stem: 8, expand: 7, branch: 5, head: 6 }, false), weights, 'l1')).toThrow(
    'cannot keep 8',
  )
  expect(() => pruneChannels(big, big, weights, 'taylor')).toThrow('needs gradients')
})
