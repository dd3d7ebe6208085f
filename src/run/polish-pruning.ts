import { countGraph } from '../graph/count.ts'
import { gradualCuts } from '../quant/index.ts'
import type { Decoded } from '../space/index.ts'
import type { Recipe } from '../train/recipe.ts'

/** Of a polish's examples, what the unpruned network sees before its channels go. */
const unprunedShare = 0.25

/**
 * The recipe of a polish that prunes a network again, from its unpruned form and in `rounds`, for as many MACs x examples as `recipe` trains the pruned
 * one: the unpruned network first, then a share of the examples after each round, two after the last.
 */
export function prunedAgain(recipe: Recipe, { graph, unpruned }: Decoded, rounds: number): Recipe {
  const share = (1 - unprunedShare) / (rounds + 1)
  const rest = [...gradualCuts(unpruned, graph, rounds), graph].reduce((sum, cut) => sum + share * countGraph(cut).macs, 0)
  const perExample = unprunedShare * countGraph(unpruned).macs + rest
  const examples = (recipe.tuneExamples * countGraph(graph).macs) / perExample
  const whole = (n: number) => Math.max(1, Math.round(n / recipe.batchSize)) * recipe.batchSize
  return {
    ...recipe,
    warmExamples: whole(unprunedShare * examples),
    tuneExamples: whole((1 - unprunedShare) * examples),
    pruneRounds: rounds,
  }
}
