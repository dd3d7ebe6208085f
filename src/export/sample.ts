import { elements } from '../graph/graph.ts'
import type { QuantizedModel } from '../quant/model.ts'
import { evaluateReference } from '../quant/reference.ts'
import { rng } from '../util/rng.ts'

/** Two bell-shaped int8 inputs around the zero point and a uniform one; the same on every machine. */
export function sampleInputs(model: QuantizedModel): Int8Array[] {
  const { zeroPoint } = model.tensors[0]!
  const length = elements(model.graph.shapes[0]!)
  return [0, 1, 2].map((n) => {
    const random = rng(n, 'sample')
    const draw = n === 2 ? () => random.int(256) - 128 : () => Math.round(zeroPoint + 40 * random.normal())
    return Int8Array.from({ length }, () => Math.max(-128, Math.min(127, draw())))
  })
}

/** An input and the output that TFLite-Micro, CMSIS-NN and our C compute for it, byte for byte. Every bundle carries it, so a board can check itself. */
export type Golden = { readonly input: Int8Array; readonly output: Int8Array }

export function goldenVector(model: QuantizedModel): Golden {
  const input = sampleInputs(model)[0]!
  return { input, output: evaluateReference(model, input, 'tflm').at(-1)! }
}
