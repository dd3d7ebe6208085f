import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import { elements } from '../../src/graph/graph.ts'
import { createEvaluator } from '../../src/quant/evaluator.ts'
import type { QuantizedModel, RoundingMode } from '../../src/quant/model.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { allKinds, randomInput, randomModel } from '../helpers/random-model.ts'

function compare(model: QuantizedModel, mode: RoundingMode, count: number, seed: number): void {
  const inputs = Array.from({ length: count }, (_, n) => randomInput(model, `${seed}/${n}`))
  const expected = inputs.map((input) => evaluateReference(model, input, mode))
  const evaluator = createEvaluator(model, mode)
  try {
    expect(evaluator.tensors(inputs[0]!)).toEqual(expected[0])
    const size = elements(model.graph.shapes[0]!)
    const joined = new Int8Array(count * size)
    inputs.forEach((input, n) => {
      joined.set(input, n * size)
    })
    const outputs = evaluator.run(joined, count)
    expect(Array.from(outputs)).toEqual(expected.flatMap((tensors) => Array.from(tensors.at(-1)!)))
  } finally {
    evaluator.dispose()
  }
}

const modes = fc.constantFrom<RoundingMode>('tflm', 'xnnpack')

test.each(allKinds)('%s equals the reference bit for bit', (kind) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), modes, (seed, mode) => {
      compare(randomModel(seed, { kinds: ['conv2d', kind], maxOps: 3, maxSide: 9 }), mode, 2, seed)
    }),
    { numRuns: 25 },
  )
})

test('random networks equal the reference in every tensor, for any number of examples', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      modes,
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      (seed, mode, count, narrow) => {
        compare(randomModel(seed, { maxOps: 9, maxSide: 8, ...(narrow ? { int4: 'some' } : {}) }), mode, count, seed)
      },
    ),
    { numRuns: 80 },
  )
})

test('accumulators and multipliers of any size, far beyond what saturates', () => {
  const exponent = fc.integer({ min: -42, max: 2 })
  fc.assert(
    fc.property(
      modes,
      fc.array(fc.tuple(exponent, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })), { minLength: 1, maxLength: 20 }),
      exponent,
      fc.integer({ min: -128, max: 127 }),
      (mode, channels, smallest, zeroPoint) => {
        const graph = buildGraph(
          [1, 1, 1],
          [
            {
              kind: 'conv2d',
              inputs: [0],
              channels: channels.length,
              kernel: [1, 1],
              stride: [1, 1],
              padding: 'same',
              activation: 'none',
            },
          ],
        )
        const model: QuantizedModel = {
          graph,
          tensors: [
            { scale: 1, zeroPoint: 0 },
            { scale: 1, zeroPoint },
          ],
          layers: [
            {
              kernels: [
                {
                  weights: Int8Array.from(channels, (_, c) => (c % 2 ? 127 : -127)),
                  weightScales: Float32Array.from(channels, ([e], c) => 2 ** Math.max(e, smallest) * (1 + c / 23)),
                },
              ],
              bias: Int32Array.from(channels, ([e, b]) => Math.trunc(b / 2 ** Math.max(0, 22 + Math.max(e, smallest) / 2))),
            },
          ],
        }
        compare(model, mode, 3, channels.length)
      },
    ),
    { numRuns: 200 },
  )
})

test('a model that breaks a rule of the format is refused', () => {
  const graph = buildGraph(
    [4, 4, 2],
    [{ kind: 'maxPool', inputs: [0], kernel: [2, 2], stride: [2, 2], padding: 'same', activation: 'none' }],
  )
  const tensors = [
    { scale: 0.5, zeroPoint: 0 },
    { scale: 0.25, zeroPoint: 0 },
  ]
  expect(() => createEvaluator({ graph, tensors, layers: [undefined] }, 'tflm')).toThrow('must share scale')
})

test('weights in 4 bits have 16 values, and one scale in a dense layer', () => {
  const model = randomModel(1, { kinds: ['dense'], maxOps: 1, int4: 'all' })
  const [layer] = model.layers
  const { weights, weightScales } = layer!.kernels[0]
  const broken = (kernel: { weights: Int8Array; weightScales: Float32Array }): QuantizedModel => ({
    ...model,
    layers: [{ ...layer!, kernels: [kernel] }],
  })
  expect(() => createEvaluator(broken({ weights: weights.with(0, 8), weightScales }), 'tflm')).toThrow('a weight of 8 in 4 bits')
  const scales = new Float32Array(layer!.bias.length).fill(weightScales[0]!)
  expect(scales.length).toBeGreaterThan(1)
  expect(() => createEvaluator(broken({ weights, weightScales: scales }), 'tflm')).toThrow('one scale in a dense layer')
})

test('evaluators share memory one after the other, never at a time', () => {
  const models = [1, 2, 3].map((seed) => randomModel(seed, { kinds: ['conv2d', 'dense'], maxOps: 3 }))
  const inputs = models.map((model, i) => randomInput(model, i))
  const expected = models.map((model, i) => evaluateReference(model, inputs[i]!, 'tflm').at(-1)!)
  const evaluators = models.map((model) => createEvaluator(model, 'tflm'))
  for (let round = 0; round < 2; round++)
    evaluators.forEach((evaluator, i) => {
      expect(evaluator.run(inputs[i]!, 1)).toEqual(expected[i])
    })
  for (const evaluator of evaluators) {
    evaluator.dispose()
    evaluator.dispose()
  }
  const again = models.map((model) => createEvaluator(model, 'tflm'))
  again.forEach((evaluator, i) => {
    expect(evaluator.run(inputs[i]!, 1)).toEqual(expected[i])
  })
})
