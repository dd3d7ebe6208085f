import { type FloatPart, type Weights, weightName, weightShapes } from '../../graph/weights.ts'
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
  const op = ops[i]!
  const input = places[op.inputs[0]!]!
  if (layer.form === 'depthwise') {
    for (let k = 0; k < layer.K; k++) for (let c = 0; c < layer.channels; c++) visit(k * layer.channels + c, k * layer.N + c)
    return
  }
  // A dense layer reads stored channels, padding included; a convolution's rows are [kh][kw][channels that count].
  const groups = op.kind === 'dense' ? input.pixels : op.kind === 'conv2d' ? op.kernel[0] * op.kernel[1] : 0
  const stride = op.kind === 'dense' ? input.stride : graph.shapes[op.inputs[0]!]![2]
  const channels = input.channels
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

/** Overwrites all parameters. Throws RangeError where one is missing or of another size. */
export function writeParameters(layout: Layout, memory: Float32Array, weights: Weights): void {
  eachPart(layout, layout.vectors.parameters, true, (name, length, i, layer, part, address) => {
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
  const shapes = weightShapes(layout.graph)
  for (const [i, layer] of layout.layers) {
    const part = (name: FloatPart, address: number) => {
      const length = shapes.get(weightName(i, name))!.reduce((a, b) => a * b, 1)
      visit(weightName(i, name), length, i, layer, name, address)
    }
    part('kernel', vector + layer.kernel)
    if (layer.gamma === undefined) part('bias', vector + layer.beta)
    else {
      part('gamma', vector + layer.gamma)
      part('beta', vector + layer.beta)
      if (!statistics) continue
      part('mean', layer.mean)
      part('variance', layer.variance)
    }
  }
}
