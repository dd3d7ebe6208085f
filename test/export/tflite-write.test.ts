import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { tfliteBytes } from '../../src/graph/tflite-size.ts'
import { randomModel } from '../helpers/random-model.ts'

test('the length is known from the graph alone', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('perTensor', 'perChannel'), fc.integer({ min: 1, max: 25 }), (seed, dense, maxOps) => {
      const model = randomModel(seed, { dense, maxOps })
      expect(writeTflite(model).length).toBe(tfliteBytes(model.graph, dense))
      const mixed = randomModel(seed, { dense, maxOps, int4: 'some' })
      expect(writeTflite(mixed).length).toBe(tfliteBytes(mixed.graph, dense))
    }),
    { numRuns: 100 },
  )
})

test('long networks, whose tensor names grow, too', () => {
  const model = randomModel(3, { dense: 'perTensor', kinds: ['add', 'conv2d', 'dense'], maxOps: 150 })
  expect(model.graph.ops.length).toBeGreaterThan(100)
  expect(writeTflite(model).length).toBe(tfliteBytes(model.graph))
})

test('constants lie at multiples of 16', () => {
  const model = randomModel(5, { kinds: ['conv2d', 'depthwise', 'dense'], maxOps: 6 })
  const file = Buffer.from(writeTflite(model))
  for (const layer of model.layers) {
    if (!layer || layer.kernels[0].weights.length < 16) continue
    expect(file.indexOf(Buffer.from(layer.kernels[0].weights.buffer)) % 16).toBe(0)
  }
})
