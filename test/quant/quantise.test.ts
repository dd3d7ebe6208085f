import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import { elements, type OpKind } from '../../src/graph/graph.ts'
import { weightLevels } from '../../src/graph/traits.ts'
import { createRangeCollector } from '../../src/quant/calibrate.ts'
import { dequantise, quantiseInput, rangeParams } from '../../src/quant/input.ts'
import { quantise } from '../../src/quant/quantise.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { checkModel } from '../../src/quant/rules.ts'
import { randomGraph, withInt4 } from '../helpers/random-model.ts'
import { forward, randomExample, randomWeights } from './float-reference.ts'

const kinds: OpKind[] = [
  'conv2d',
  'depthwise',
  'dense',
  'add',
  'mul',
  'averagePool',
  'maxPool',
  'mean',
  'pad',
  'softmax',
  'reshape',
  'hardSwish',
]

function quantised(seed: number, dense: 'perTensor' | 'perChannel') {
  const graph = randomGraph(seed, { kinds, maxOps: 6, maxSide: 8 })
  const weights = randomWeights(graph, seed)
  const collector = createRangeCollector(graph)
  for (let n = 0; n < 8; n++)
    forward(graph, weights, randomExample(graph, `${seed}/${n}`)).forEach((values, t) => {
      collector.visit(t, Float32Array.from(values))
    })
  return { graph, weights, model: quantise(graph, weights, collector.ranges('minMax'), { dense }) }
}

test('a quantised network keeps the rules of TFLite and stays close to the float one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom('perTensor', 'perChannel'), (seed, dense) => {
      const { graph, weights, model } = quantised(seed, dense)
      checkModel(model)
      const input = randomExample(graph, `${seed}/3`)
      const float = forward(graph, weights, input)
      const ints = evaluateReference(model, quantiseInput(input, model.tensors[0]!), 'tflm')
      const range = Math.max(0.02, 255 * model.tensors.at(-1)!.scale)
      const real = dequantise(ints.at(-1)!, model.tensors.at(-1)!)
      const error = float.at(-1)!.reduce((sum, v, i) => sum + Math.abs(v - real[i]!), 0) / elements(graph.shapes.at(-1)!)
      // mean error of a few steps of 1/255 of the range, however deep
      expect(error / range).toBeLessThan(0.12)
    }),
    { numRuns: 30 },
  )
})

test('weights are symmetric per channel, the bias is in units of input scale x weight scale', () => {
  const graph = buildGraph([2, 2, 1], [{ kind: 'dense', inputs: [0], units: 2, activation: 'relu' }])
  const weights = { '0/kernel': Float32Array.of(1, -2, 0.5, 0, 0.25, 0, 0, -0.125), '0/bias': Float32Array.of(0.5, -0.25) }
  const ranges = [
    { min: -1, max: 1 },
    { min: -9, max: 2 },
  ]
  const model = quantise(graph, weights, ranges, { dense: 'perChannel' })
  expect(Array.from(model.layers[0]!.kernels[0].weights)).toEqual([64, -127, 32, 0, 127, 0, 0, -64])
  expect(Array.from(model.layers[0]!.kernels[0].weightScales)).toEqual([Math.fround(2 / 127), Math.fround(0.25 / 127)])
  const input = Math.fround(2 / 255)
  expect(model.tensors[0]).toEqual({ scale: input, zeroPoint: -1 })
  expect(model.tensors[1]).toEqual({ scale: input, zeroPoint: -128 }) // ReLU: [0, 2]
  expect(Array.from(model.layers[0]!.bias)).toEqual([
    Math.round(0.5 / (input * Math.fround(2 / 127))),
    -Math.round(0.25 / (input * Math.fround(0.25 / 127))),
  ])
})

test('a silent channel keeps its bias, whatever its size', () => {
  const graph = buildGraph([1, 1, 2], [{ kind: 'dense', inputs: [0], units: 1, activation: 'none' }])
  const weights = { '0/kernel': Float32Array.of(1e-20, 0), '0/bias': Float32Array.of(3) }
  const ranges = [
    { min: -1, max: 1 },
    { min: 0, max: 4 },
  ]
  const model = quantise(graph, weights, ranges)
  const [y] = evaluateReference(model, Int8Array.of(50, -50), 'tflm').slice(-1)
  expect(dequantise(y!, model.tensors[1]!)[0]).toBeCloseTo(3, 1)
})

test('zero is always represented exactly', () => {
  fc.assert(
    fc.property(fc.double({ min: -100, max: 100, noNaN: true }), fc.double({ min: -100, max: 100, noNaN: true }), (a, b) => {
      const params = rangeParams({ min: Math.min(a, b), max: Math.max(a, b) })
      expect(dequantise(quantiseInput(Float32Array.of(0), params), params)[0]).toBe(0)
    }),
  )
})

test('a hard sigmoid is folded into its layer, and int8 itself clamps at 0 and 1', () => {
  const graph = buildGraph([1, 1, 1], [{ kind: 'dense', inputs: [0], units: 1, activation: 'hardSigmoid' }])
  const weights = { '0/kernel': Float32Array.of(1), '0/bias': Float32Array.of(0.5) }
  const model = quantise(graph, weights, [{ min: -8, max: 8 }, undefined])
  checkModel(model)
  expect(model.graph.ops[0]).toMatchObject({ activation: 'none' })
  expect(model.tensors[1]).toEqual({ scale: Math.fround(1 / 255), zeroPoint: -128 })
  for (const mode of ['tflm', 'xnnpack'] as const)
    for (const x of [-8, -4, -3.5, -2, 0, 1.5, 2.5, 3, 8]) {
      const q = quantiseInput(Float32Array.of(x), model.tensors[0]!)
      const input = dequantise(q, model.tensors[0]!)[0]!
      const y = dequantise(evaluateReference(model, q, mode)[1]!, model.tensors[1]!)[0]!
      expect(Math.abs(y - Math.min(1, Math.max(0, (input + 0.5) / 6 + 0.5)))).toBeLessThan(0.004)
    }
  expect(() => checkModel({ ...model, graph })).toThrow('hardSigmoid was not folded')
})

test('an input of hardSwish that is 128 times as coarse as its output is refused, the quantiser widens the output', () => {
  const graph = buildGraph([1, 1, 1], [{ kind: 'hardSwish', inputs: [0] }])
  const params = (scale: number) => ({ scale: Math.fround(scale), zeroPoint: 0 })
  const model = (scale: number) => ({ graph, tensors: [params(1), params(scale)], layers: [undefined] })
  expect(() => checkModel(model(1 / 127))).not.toThrow()
  expect(() => checkModel(model(1 / 128))).toThrow('128 times as coarse')
  const ranges = [
    { min: -40, max: 2e-4 },
    { min: 0, max: 1e-4 },
  ]
  checkModel(quantise(graph, {}, ranges))
})

test('a missing range is named', () => {
  const graph = buildGraph([1, 1, 2], [{ kind: 'dense', inputs: [0], units: 1, activation: 'none' }])
  expect(() => quantise(graph, randomWeights(graph, 1), [{ min: 0, max: 1 }, undefined])).toThrow('no range for tensor 1')
})

test('a branch that adds next to nothing still has a scale that XNNPACK can add', () => {
  const dense = { kind: 'dense', units: 2, activation: 'none' } as const
  const graph = buildGraph(
    [1, 1, 2],
    [
      { ...dense, inputs: [0] },
      { ...dense, inputs: [0] },
      { kind: 'add', inputs: [1, 2], activation: 'none' },
    ],
  )
  const about = (size: number) => ({ min: -size, max: size })
  const model = quantise(graph, randomWeights(graph, 1), [about(1), about(8), about(1e-5), about(8)])
  expect(() => evaluateReference(model, Int8Array.of(1, 2), 'xnnpack')).not.toThrow()
  const cancelling = quantise(graph, randomWeights(graph, 1), [about(1), about(8), about(8), about(1e-5)])
  expect(() => evaluateReference(cancelling, Int8Array.of(1, 2), 'xnnpack')).not.toThrow()
})

test('weights in 4 bits take 7 steps on either side of zero, and dense layers one scale whatever is asked', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom('perTensor', 'perChannel'), (seed, dense) => {
      const plain = quantised(seed, dense)
      const graph = withInt4(plain.graph, seed)
      const ranges = plain.graph.shapes.map(() => ({ min: -1, max: 1 }))
      const model = quantise(graph, plain.weights, ranges, { dense })
      checkModel(model)
      graph.ops.forEach((op, i) => {
        const layer = model.layers[i]
        if (!layer) return
        const { weights, weightScales } = layer.kernels[0]
        const most = weights.reduce((a, w) => Math.max(a, Math.abs(w)), 0)
        expect(most).toBeLessThanOrEqual(weightLevels(op))
        if (op.kind === 'dense' && weightLevels(op) === 7) expect(weightScales.length).toBe(1)
      })
    }),
    { numRuns: 30 },
  )
})
