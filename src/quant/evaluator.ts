import { elements, inputShape, outputShape } from '../graph/graph.ts'
import type { QuantizedModel, RoundingMode } from './model.ts'
import { evaluateReference } from './reference.ts'

/** Runs an int8 network over many examples. */
export type Evaluator = {
  /** Outputs `[count, h, w, c]` for inputs `[count, h, w, c]`. */
  run(inputs: Int8Array, count: number): Int8Array
  /** Every tensor for one example, by tensor id. */
  tensors(input: Int8Array): Int8Array[]
  dispose(): void
}

export function createEvaluator(model: QuantizedModel, mode: RoundingMode): Evaluator {
  const [from, to] = [elements(inputShape(model.graph)), elements(outputShape(model.graph))]
  return {
    run(inputs, count) {
      const outputs = new Int8Array(count * to)
      for (let i = 0; i < count; i++)
        outputs.set(evaluateReference(model, inputs.subarray(i * from, (i + 1) * from), mode).at(-1)!, i * to)
      return outputs
    },
    tensors: (input) => evaluateReference(model, input, mode),
    dispose() {},
  }
}
