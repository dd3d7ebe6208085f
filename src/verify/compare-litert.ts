import { writeTflite } from '../export/tflite-write.ts'
import { outputOf } from '../graph/graph.ts'
import { weightBitsOf } from '../graph/traits.ts'
import type { QuantizedModel, RoundingMode } from '../quant/model.ts'
import { evaluateReference } from '../quant/reference.ts'
import { runLitert } from './litert.ts'

/** What LiteRT found out about the .tflite file of a network. */
export type LitertReport =
  /** every tensor of every input has the bits of the evaluator's `xnnpack` mode (or `roundingOf`) */
  | { readonly status: 'equal'; readonly inputs: number }
  /** the first tensor that differs, and in how many of its values */
  | { readonly status: 'different'; readonly input: number; readonly op: number; readonly kind: string; readonly values: number }
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'not verified'; readonly missing: string; readonly install: string }

/** LiteRT's kernels are XNNPACK's, but for depthwise weights in 4 bits: of those XNNPACK has none, and its own kernel rounds as TFLite-Micro does. */
const roundingOf =
  ({ graph }: QuantizedModel) =>
  (i: number): RoundingMode =>
    graph.ops[i]!.kind === 'depthwise' && weightBitsOf(graph.ops[i]!) === 4 ? 'tflm' : 'xnnpack'

/** Runs the file in LiteRT, all tensors made outputs, and compares each with the evaluator. */
export async function compareLitert(model: QuantizedModel, inputs: readonly Int8Array[]): Promise<LitertReport> {
  const result = await runLitert(writeTflite(model, undefined, 'every'), inputs)
  if (result.status === 'not available') return { status: 'not verified', missing: '@litertjs/core', install: result.install }
  if (result.status === 'failed') return result
  for (let input = 0; input < inputs.length; input++) {
    const want = evaluateReference(model, inputs[input]!, roundingOf(model))
    for (let op = 0; op < model.graph.ops.length; op++) {
      const values = want[outputOf(op)]!.reduce((n, v, i) => n + (v === result.outputs[input]![op]![i] ? 0 : 1), 0)
      if (values > 0) return { status: 'different', input, op, kind: model.graph.ops[op]!.kind, values }
    }
  }
  return { status: 'equal', inputs: inputs.length }
}
