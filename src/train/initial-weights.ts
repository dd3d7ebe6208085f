import { type Graph, outputOf } from '../graph/graph.ts'
import { type FloatPart, type Weights, weightShapes } from '../graph/weights.ts'
import { counted, seed32 } from '../util/rng.ts'

/**
 * He et al. 2015: uniform, variance 2 / fan-in (1 / fan-in where no ReLU follows). A stream per operator, counted in the order of the named
 * array, so that padding draws nothing.
 */
export function initialWeights(graph: Graph, seed: string): Weights {
  const weights: Record<string, Float32Array> = {}
  for (const [name, shape] of weightShapes(graph)) {
    const [index, part] = name.split('/') as [string, FloatPart]
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1))
    if (part === 'gamma' || part === 'variance') values.fill(1)
    if (part === 'kernel') {
      const op = graph.ops[Number(index)]!
      const fanIn = values.length / graph.shapes[outputOf(Number(index))]![2]
      const rectified = 'activation' in op && (op.activation === 'relu' || op.activation === 'relu6')
      const bound = Math.sqrt((rectified ? 6 : 3) / fanIn)
      const stream = seed32(seed, 'weights', index)
      for (let k = 0; k < values.length; k++) values[k] = bound * symmetric(stream, k)
    }
    weights[name] = values
  }
  return weights
}

/** Number k of a stream, uniform in (-1, 1). */
const symmetric = (stream: number, k: number): number => (counted(stream, k) + 0.5) / 2147483648
