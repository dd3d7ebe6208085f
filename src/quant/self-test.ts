import { buildGraph } from '../graph/build.ts'
import { elements, type Graph, hasWeights, type Op } from '../graph/graph.ts'
import { loadNative } from '../util/native.ts'
import { type Random, rng } from '../util/rng.ts'
import { createEvaluator } from './evaluator.ts'
import { computeInt8With } from './kernels.ts'
import type { QuantizedModel } from './model.ts'
import { tensorParams } from './quantise.ts'

const windowed = { padding: 'same', activation: 'relu6' } as const

/** Every operator that has a native kernel, with channels that fill no whole vector. */
const graph: Graph = buildGraph([7, 9, 3], [
  { kind: 'conv2d', inputs: [0], channels: 20, kernel: [3, 3], stride: [2, 2], ...windowed },
  { kind: 'depthwise', inputs: [1], multiplier: 1, kernel: [3, 5], stride: [1, 1], ...windowed },
  { kind: 'conv2d', inputs: [2], channels: 20, kernel: [1, 1], stride: [1, 1], ...windowed },
  { kind: 'add', inputs: [1, 3], activation: 'none' },
  { kind: 'mean', inputs: [4] },
  { kind: 'mul', inputs: [4, 5], activation: 'none' },
  { kind: 'mean', inputs: [6] },
  { kind: 'dense', inputs: [7], units: 5, activation: 'none' },
] satisfies Op[])

/** Whether evaluators with the native kernels of `file` agree with WebAssembly's in every tensor; true where there are none. */
export function int8Agrees(file?: string): boolean {
  if (!loadNative('int8', file)) return true
  return [0, 1].every((seed) => {
    const random = rng('int8 self-test', seed)
    const model = randomModel(random)
    const input = Int8Array.from({ length: elements(graph.shapes[0]!) }, () => random.int(256) - 128)
    return (['tflm', 'xnnpack'] as const).every((mode) => {
      const [native, wasm] = (['native', 'wasm'] as const).map((kind) => {
        computeInt8With(kind, file)
        const evaluator = createEvaluator(model, mode)
        const tensors = evaluator.tensors(input)
        evaluator.dispose()
        return tensors
      }) as [Int8Array[], Int8Array[]]
      return native.every((tensor, t) => tensor.every((value, i) => value === wasm[t]![i]))
    })
  })
}

/** Scales so far apart that every formula of `assembly/int8/rescale.ts` is met. */
function randomModel(random: Random): QuantizedModel {
  const tensors = tensorParams(
    graph,
    graph.shapes.map(() => ({ min: -1 - 3 * random.next(), max: 1 + 3 * random.next() })),
  )
  const layers = graph.ops.map((op, i) => {
    if (!hasWeights(op)) return undefined
    const input = graph.shapes[op.inputs[0]]!
    const channels = graph.shapes[i + 1]![2]
    const fan = op.kind === 'dense' ? elements(input) : op.kernel[0] * op.kernel[1] * (op.kind === 'conv2d' ? input[2] : 1)
    const one = 1 / (1 << random.int(10))
    return {
      weights: Int8Array.from({ length: fan * channels }, () => random.int(255) - 127),
      weightScales: Float32Array.from({ length: channels }, () => (op.kind === 'dense' ? one : 1 / (1 << random.int(10))) / fan),
      bias: Int32Array.from({ length: channels }, () => random.int(2000) - 1000),
    }
  })
  return { graph, tensors, layers }
}
