import { readTflite } from '../export/tflite-read.ts'
import type { Shape } from '../graph/graph.ts'
import { elements } from '../graph/graph.ts'
import { evaluateReference, type QuantizedModel, type QuantParams } from '../quant/index.ts'
import { rng } from '../util/rng.ts'
import { formatBytes, formatCount } from '../util/units.ts'
import { type CoreName, emulatedCore } from '../verify/cores.ts'
import { emulate } from '../verify/emulate.ts'
import { runLitert } from '../verify/litert.ts'
import type { Check } from './lines.ts'

/** Quantised examples for a network of this input. */
export type Examples = (shape: Shape, params: QuantParams) => Int8Array[]

/** Where no data is at hand: four inputs of every int8 value, addressed by the shape. */
export const randomExamples: Examples = (shape) =>
  Array.from({ length: 4 }, (_, k) => {
    const random = rng('verify', ...shape, k)
    return Int8Array.from({ length: elements(shape) }, () => random.int(256) - 128)
  })

/**
 * The file that is offered, read again and run again: LiteRT must compute the same bytes as our evaluator in LiteRT's rounding, and the C made
 * from it, on each emulated core, the same bytes as our evaluator in TFLite-Micro's rounding, tensor by tensor.
 */
export async function checkModel(file: Uint8Array, examples: Examples, deviceCores: readonly string[]): Promise<Check[]> {
  const { model } = readTflite(file)
  const inputs = examples(model.graph.shapes[0]!, model.tensors[0]!)
  const cores = [...new Set(deviceCores.flatMap((core) => emulatedCore(core.toLowerCase().replace(/f$/, '')) ?? []))]
  const checks = [await checkLitert(file, model, inputs)]
  for (const core of cores) checks.push(await checkCore(model, core, inputs))
  return checks
}

async function checkLitert(file: Uint8Array, model: QuantizedModel, inputs: readonly Int8Array[]): Promise<Check> {
  const ours = inputs.map((x) => evaluateReference(model, x, 'xnnpack').at(-1)!)
  const litert = await runLitert(file, inputs)
  const name = 'LiteRT'
  if (litert.status === 'not available') return { name, status: 'not verified', detail: `not installed: ${litert.install}` }
  if (litert.status === 'failed') return { name, status: 'different', detail: litert.message }
  const wrong = ours.filter((y, n) => y.some((v, i) => v !== litert.outputs[n]![0]![i])).length
  return wrong === 0
    ? { name, status: 'equal', detail: `${inputs.length} examples, every output byte` }
    : { name, status: 'different', detail: `${wrong} of ${inputs.length} examples differ` }
}

async function checkCore(model: QuantizedModel, core: CoreName, inputs: readonly Int8Array[]): Promise<Check> {
  const report = await emulate(model, core, inputs)
  const name = `generated C on emulated ${core}`
  if (report.status === 'equal')
    return {
      name,
      status: 'equal',
      detail: `every tensor of ${report.inputs} examples; ${formatBytes(report.codeBytes + report.constantBytes)} flash, ${formatBytes(report.ramBytes)} arena, ${formatBytes(report.stackBytes)} stack${report.instructions === null ? '' : `, ${formatCount(report.instructions)} instructions`}`,
    }
  if (report.status === 'not verified')
    return { name, status: 'not verified', detail: `${report.missing} is missing: ${report.install}` }
  if (report.status === 'different')
    return { name, status: 'different', detail: `operator ${report.op} (${report.kind}) of example ${report.input}` }
  return { name, status: 'different', detail: `${report.status}: ${report.message}` }
}
