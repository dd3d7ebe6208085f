import { type Graph, outputOf } from '../graph/graph.ts'
import { activationOf, sizeOf } from '../graph/traits.ts'
import { parametersOf, type Weights } from '../graph/weights.ts'
import { counted, seed32 } from '../util/rng.ts'

/**
 * He et al. 2015: uniform, variance 2 / fan-in (1 / fan-in where no ReLU follows). A stream per operator, counted in the order of the named
 * array, so that padding draws nothing.
 */
export function initialWeights(graph: Graph, seed: string): Weights {
  const weights: Record<string, Float32Array> = {}
  for (const { name, op, part, shape, isKernel } of parametersOf(graph)) {
    const values = new Float32Array(sizeOf(shape))
    if (part === 'gamma' || part === 'variance') values.fill(1)
    if (isKernel) {
      const fanIn = values.length / graph.shapes[outputOf(op)]![2]
      const activation = activationOf(graph.ops[op])
      const rectified = activation === 'relu' || activation === 'relu6'
      const bound = Math.sqrt((rectified ? 6 : 3) / fanIn)
      const stream = seed32(seed, 'weights', part === 'kernel' ? op : name)
      for (let k = 0; k < values.length; k++) values[k] = bound * symmetric(stream, k)
    }
    weights[name] = values
  }
  return weights
}

/** Number k of a stream, uniform in (-1, 1). */
const symmetric = (stream: number, k: number): number => (counted(stream, k) + 0.5) / 2147483648
