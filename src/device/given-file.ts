import type { Graph } from '../graph/graph.ts'
import { tfliteBytes } from '../graph/tflite-size.ts'
import type { Target } from './schema.ts'

/**
 * A target as it prices a given file instead of the one that we would write: other writers pad and describe more. Runtimes that keep the whole file in
 * flash (TensorFlow Lite Micro) pay for that, and would for a changed network from the same writer; code generators take the constants out of it.
 */
export function forGivenFile(target: Target, graph: Graph, fileBytes: number | undefined): Target {
  const { runtime } = target
  if (fileBytes === undefined || runtime.modelFile !== 'tflite') return target
  const more = fileBytes - tfliteBytes(graph)
  return { ...target, runtime: { ...runtime, code: { ...runtime.code, core: runtime.code.core + more } } }
}
