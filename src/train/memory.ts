import type { Graph } from '../graph/graph.ts'
import { gradualCuts } from '../quant/gradual.ts'
import type { Engine } from './engine.ts'
import type { Recipe } from './recipe.ts'

/** What of a recipe decides about memory. */
type MemoryRecipe = Pick<Recipe, 'batchSize' | 'dropout' | 'pruneRounds' | 'int8Tolerance'>

/**
 * Bytes that an engine takes at the peak of a network's training. Its trainers follow each other, so the largest of them decides: the unpruned
 * network, those that pruning leaves, and the last one computing as int8 does where the recipe may ask for that.
 */
export function trainingBytes(
  engine: Engine,
  { graph, unpruned }: { readonly graph: Graph; readonly unpruned: Graph },
  { batchSize, dropout = 0, pruneRounds = 1, int8Tolerance }: MemoryRecipe,
): number {
  const bytes = (of: Graph, int8Aware = false) => engine.memoryBytes(of, { batchSize, dropout, int8Aware })
  return Math.max(
    ...[unpruned, ...gradualCuts(unpruned, graph, pruneRounds)].map((of) => bytes(of)),
    ...(int8Tolerance === null ? [] : [bytes(graph, true)]),
  )
}
