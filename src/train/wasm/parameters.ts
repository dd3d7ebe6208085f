import { kernelsOf, sizeOf } from '../../graph/traits.ts'
import { type FloatPart, parametersOf, type Weights } from '../../graph/weights.ts'
import type { Layer, Layout } from './layout.ts'

/**
 * Parameters pass between TFLite's layouts (`graph/weights.ts`) and the engine's matrices [K, N] with channels in fours.
 * `visit(i, j)`: element i of the named array is float j of the stored one.
 */
function eachKernel(
  { graph, ops, places }: Layout,
  i: number,
  layer: Layer,
  visit: (named: number, stored: number) => void,
): void {
  const input = places[ops[i]!.inputs[0]!]!
  if (layer.form === 'depthwise') {
    for (let k = 0; k < layer.K; k++) for (let c = 0; c < layer.channels; c++) visit(k * layer.channels + c, k * layer.N + c)
    return
  }
  // A matrix reads stored channels, padding included; a convolution's rows are [kh][kw][channels that count].
  const { channels } = input
  const stride = layer.form === 'matrix' ? input.stride : channels
  const [kernel] = kernelsOf(graph, i)
  const groups = sizeOf(kernel!.shape) / (layer.channels * channels)
  for (let n = 0; n < layer.channels; n++)
    for (let g = 0; g < groups; g++)
      for (let c = 0; c < channels; c++) visit((n * groups + g) * channels + c, (g * stride + c) * layer.N + n)
}

/** Copies of all parameters in `vector` (running statistics too when asked for), by name. */
export function readParameters(layout: Layout, memory: Float32Array, vector: number, statistics: boolean): Weights {
  const named: Record<string, Float32Array> = {}
  eachPart(layout, vector, statistics, (name, length, i, layer, part, address) => {
    const at = address >> 2
    if (part === 'kernel') {
      const to = new Float32Array(length)
      eachKernel(layout, i, layer, (a, b) => {
        to[a] = memory[at + b]!
      })
      named[name] = to
    } else named[name] = memory.slice(at, at + length)
  })
  return named
}

/** Overwrites all parameters in `vector` (running statistics too where asked for). Throws RangeError where one is missing or of another size. */
export function writeParameters(
  layout: Layout,
  memory: Float32Array,
  vector: number,
  statistics: boolean,
  weights: Weights,
): void {
  eachPart(layout, vector, statistics, (name, length, i, layer, part, address) => {
    const from = weights[name]
    if (from?.length !== length) throw new RangeError(`weights: ${name} has ${from?.length ?? 'no'} values, ${length} expected`)
    const at = address >> 2
    if (part === 'kernel')
      eachKernel(layout, i, layer, (a, b) => {
        memory[at + b] = from[a]!
      })
    else memory.set(from, at)
  })
}

type Visit = (name: string, length: number, op: number, layer: Layer, part: FloatPart, address: number) => void

function eachPart(layout: Layout, vector: number, statistics: boolean, visit: Visit): void {
  for (const { name, op, part, shape } of parametersOf(layout.graph)) {
    const layer = layout.layers.get(op)!
    if (!statistics && (part === 'mean' || part === 'variance')) continue
    visit(name, sizeOf(shape), op, layer, part, addressOf(layer, part, vector))
  }
}

function addressOf(layer: Layer, part: FloatPart, vector: number): number {
  const addresses: Readonly<Record<FloatPart, number>> = {
    kernel: vector + layer.kernel,
    gamma: vector + (layer.gamma ?? 0),
    beta: vector + layer.beta,
    bias: vector + layer.beta,
    mean: layer.mean,
    variance: layer.variance,
  }
  return addresses[part]
}
