import { countGraph } from '../../graph/count.ts'
import type { Decoded } from '../../space/decode.ts'
import { tuningMacs } from '../../train/gradual-pruning.ts'
import type { Recipe } from '../../train/recipe.ts'
import { roundTo } from '../record/plan.ts'

/** Of a polish's examples, what the unpruned network sees before its channels go. */
const unprunedShare = 0.25

/**
 * The recipe of a polish that prunes a network again, from its unpruned form and in `rounds`, for as many MACs x examples as `recipe` trains the pruned
 * one: the unpruned network first, then a share of the examples after each round, two after the last.
 */
export function prunedAgain(recipe: Recipe, { graph, unpruned }: Pick<Decoded, 'graph' | 'unpruned'>, rounds: number): Recipe {
  const perExample = unprunedShare * countGraph(unpruned).macs + (1 - unprunedShare) * tuningMacs(unpruned, graph, rounds)
  const examples = (recipe.tuneExamples * countGraph(graph).macs) / perExample
  return {
    ...recipe,
    warmExamples: roundTo(unprunedShare * examples, recipe.batchSize),
    tuneExamples: roundTo((1 - unprunedShare) * examples, recipe.batchSize),
    pruneRounds: rounds,
  }
}
