import { elements, inputShape, outputShape } from '../graph/graph.ts'
import { borrowKernels, reserve, returnKernels } from './kernels.ts'
import { layOut } from './layout.ts'
import type { QuantizedModel, RoundingMode } from './model.ts'
import { checkModel } from './rules.ts'
import { constantsWriter } from './site.ts'
import { planSteps } from './steps.ts'

/** Runs an int8 network over many examples. The numbers are those of `evaluateReference`, bit for bit. */
export type Evaluator = {
  /** Outputs `[count, h, w, c]` for inputs `[count, h, w, c]`. */
  run(inputs: Int8Array, count: number): Int8Array
  /** Every tensor for one example, by tensor id. */
  tensors(input: Int8Array): Int8Array[]
  /** Gives the memory back; the evaluator must not be used after. */
  dispose(): void
}

/** Activations of a batch are kept near the size of a second-level cache. */
const cacheBytes = 262144

/** Throws RangeError where the model breaks a rule of the format (`checkModel`), or the runtime of `mode` could not run it. */
export function createEvaluator(model: QuantizedModel, mode: RoundingMode): Evaluator {
  checkModel(model)
  const single = layOut(model.graph, 1, false).bytes
  const main = instantiate(model, mode, Math.max(1, Math.min(32, Math.floor(cacheBytes / single))), false)
  let whole: ReturnType<typeof instantiate> | undefined
  return {
    run: main.run,
    tensors(input) {
      whole ??= instantiate(model, mode, 1, true)
      whole.run(input, 1)
      return whole.read()
    },
    dispose() {
      main.dispose()
      whole?.dispose()
    },
  }
}

function instantiate(model: QuantizedModel, mode: RoundingMode, batch: number, keep: boolean) {
  const { graph, tensors } = model
  const kernels = borrowKernels()
  const { exports } = kernels
  const layout = layOut(graph, batch, keep)
  const [from, to] = [elements(inputShape(graph)), elements(outputShape(graph))]
  const base = Math.ceil(kernels.heapBase / 16) * 16
  const bytesAt = base + layout.bytes // int8 copies of inputs and outputs
  const constants = constantsWriter(bytesAt + Math.ceil((batch * Math.max(from, to) + 32) / 16) * 16)
  const steps = planSteps(model, mode, batch, layout, base, exports, constants, () => kernels.memory.buffer)
  reserve(kernels, constants.end() + 64)
  constants.write(kernels.memory.buffer)
  const last = tensors.length - 1
  const at = (t: number) => base + layout.tensors[t]!

  function run(inputs: Int8Array, count: number): Int8Array {
    if (inputs.length !== count * from) throw new RangeError(`${inputs.length} values for ${count} inputs of ${from}`)
    const outputs = new Int8Array(count * to)
    const bytes = new Int8Array(kernels.memory.buffer)
    for (let first = 0; first < count; first += batch) {
      const n = Math.min(batch, count - first)
      bytes.set(inputs.subarray(first * from, (first + n) * from), bytesAt)
      exports.int8Centre(n * from, bytesAt, at(0), tensors[0]!.zeroPoint)
      for (const step of steps) step(n)
      exports.int8Uncentre(n * to, at(last), bytesAt, tensors[last]!.zeroPoint)
      outputs.set(bytes.subarray(bytesAt, bytesAt + n * to), first * to)
    }
    return outputs
  }

  /** All tensors of the one example that ran last (`keep` only). */
  const read = () =>
    graph.shapes.map((shape, t) =>
      Int8Array.from(new Int16Array(kernels.memory.buffer, at(t), elements(shape)), (v) => v + tensors[t]!.zeroPoint),
    )
  let borrowed = true
  return {
    run,
    read,
    dispose() {
      if (borrowed) returnKernels(kernels)
      borrowed = false
    },
  }
}
