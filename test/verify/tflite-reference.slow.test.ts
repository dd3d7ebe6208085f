import { describe, expect, test } from 'vitest'
import { writeTflite } from '../../src/export/tflite-write.ts'
import type { RoundingMode } from '../../src/quant/model.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { askPython, pythonHas } from '../helpers/python.ts'
import { allKinds, type RandomOptions, randomInput, randomModel } from '../helpers/random-model.ts'

// LiteRT 2.3's reference FULLY_CONNECTED rounds once, as XNNPACK does, where TFLite-Micro rounds twice (its own vectors in test/fixtures/tflm-golden
// say so); every other reference kernel rounds as TFLite-Micro's.
describe.skipIf(!pythonHas('ai_edge_litert', 'numpy'))(
  "TFLite's reference kernels and the evaluator agree on every tensor",
  () => {
    test('of 300 random networks without dense layers, rounding as TFLite-Micro', () => {
      compare(300, 'tflm', { maxOps: 12, kinds: allKinds.filter((kind) => kind !== 'dense') })
    })

    // LiteRT's reference kernels know no depthwise convolution with weights in 4 bits; TFLite-Micro's do (tflm-int4.test.ts)
    test('of 100 random networks with convolutions in 4 bits', () => {
      const kinds = allKinds.filter((kind) => kind !== 'dense' && kind !== 'depthwise')
      compare(100, 'tflm', { maxOps: 12, kinds, int4: 'some' })
    })

    test('of 100 random dense layers, rounding once', () => {
      compare(100, 'xnnpack', { maxOps: 1, kinds: ['dense'] })
    })
  },
)

function compare(count: number, mode: RoundingMode, options: RandomOptions): void {
  const cases = Array.from({ length: count }, (_, seed) => {
    const model = randomModel(`reference/${seed}`, options)
    return { model, input: randomInput(model, seed) }
  })
  const asked = cases.map(({ model, input }) => ({ file: writeTflite(model, undefined, 'every'), input: Array.from(input) }))
  const answers = askPython<number[][]>('tflite_reference.py', asked)
  cases.forEach(({ model, input }, seed) => {
    const want = evaluateReference(model, input, mode).slice(1)
    expect(answers[seed]!.length).toBe(want.length)
    want.forEach((values, op) => {
      const { kind } = model.graph.ops[op]!
      expect({ seed, op, kind, values: answers[seed]![op] }).toEqual({ seed, op, kind, values: Array.from(values) })
    })
  })
}
