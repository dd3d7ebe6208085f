import { readTflite } from '../export/tflite-read.ts'
import type { Shape } from '../graph/graph.ts'
import { evaluateReference, type QuantParams } from '../quant/index.ts'
import { runLitert } from '../verify/litert.ts'
import type { Check } from './lines.ts'

/**
 * The file that is offered, read again: it must parse to a network that LiteRT, where installed, computes to the same bytes as our evaluator in
 * LiteRT's rounding. (The accuracy that is published is that of the same network in TFLite-Micro's rounding.)
 */
export async function checkModel(file: Uint8Array, inputs: (shape: Shape, params: QuantParams) => Int8Array[]): Promise<Check[]> {
  const { model } = readTflite(file)
  const examples = inputs(model.graph.shapes[0]!, model.tensors[0]!)
  const ours = examples.map((x) => evaluateReference(model, x, 'xnnpack').at(-1)!)
  const litert = await runLitert(file, examples)
  if (litert.status === 'not available')
    return [{ name: 'LiteRT', status: 'not verified', detail: `not installed: ${litert.install}` }]
  if (litert.status === 'failed') return [{ name: 'LiteRT', status: 'different', detail: litert.message }]
  const wrong = ours.filter((y, n) => y.some((v, i) => v !== litert.outputs[n]![0]![i])).length
  return [
    wrong === 0
      ? { name: 'LiteRT', status: 'equal', detail: `${examples.length} examples, every output byte` }
      : { name: 'LiteRT', status: 'different', detail: `${wrong} of ${examples.length} examples differ` },
  ]
}
