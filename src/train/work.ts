import { countGraph } from '../graph/count.ts'
import { elements, type Graph } from '../graph/graph.ts'

/**
 * An element of an activation costs as much time as this many MACs: batch norm and activation functions read and write it several times. 20 with
 * native kernels, 12 with WebAssembly's (`npx tsx bench/training-work.ts`).
 */
const macsPerElement = 20

/** Work of training on one example, in MACs. It orders trainings by their length; measured times would not be the same everywhere. */
export const trainingWork = (graph: Graph): number =>
  countGraph(graph).macs + macsPerElement * graph.shapes.slice(1).reduce((sum, shape) => sum + elements(shape), 0)
