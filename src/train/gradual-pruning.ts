import type { Batcher } from '../data/batches.ts'
import { countGraph } from '../graph/count.ts'
import type { Graph } from '../graph/graph.ts'
import type { Weights } from '../graph/weights.ts'
import { gradualCuts } from '../quant/gradual.ts'
import type { TrainContext } from './context.ts'
import type { Trainer } from './engine.ts'
import { fit } from './fit.ts'
import { prunedWeights } from './pruned-weights.ts'
import { stepsOf } from './recipe.ts'
import { withTrainer } from './with-trainer.ts'

/** A round of pruning takes at most this many epochs. */
const longestRound = 10

/** MACs of a mean example of the fine-tuning below, where no round is cut short: a share of the examples after each round, two after the last. */
export const tuningMacs = (unpruned: Graph, graph: Graph, rounds: number): number =>
  [...gradualCuts(unpruned, graph, rounds), graph].reduce((sum, cut) => sum + countGraph(cut).macs, 0) / (rounds + 1)

export type Lean = {
  /** Of the network's pruned graph, just cut. */
  readonly weights: Weights
  /** The step of the recipe that training goes on from. */
  readonly from: number
}

/**
 * Takes the network's channels away in the recipe's `pruneRounds`, most of them early (`gradualCuts`), with a share of its `tuneExamples` after each
 * round; what is left of them, at least two shares, comes after the last. `told` hears of each network just after it was cut.
 */
export function pruneGradually(
  context: TrainContext,
  { graph, unpruned, seed }: { readonly graph: Graph; readonly unpruned: Graph; readonly seed: string },
  weights: Weights,
  batcher: Batcher,
  told: (graph: Graph, trainer: Trainer) => void,
): Lean {
  const { recipe, teacherLogits } = context
  const { pruneRounds = 1 } = recipe
  const perRound = Math.min(
    Math.floor(stepsOf(recipe, recipe.tuneExamples) / (pruneRounds + 1)),
    longestRound * Math.max(1, Math.floor(batcher.count / recipe.batchSize)),
  )
  let from = stepsOf(recipe, recipe.warmExamples)
  let before = unpruned
  let lean = weights
  for (const cut of gradualCuts(unpruned, graph, pruneRounds)) {
    lean = prunedWeights(context, { graph: cut, unpruned: before }, lean, batcher)
    before = cut
    if (cut === graph) break
    lean = withTrainer(context, cut, seed, (trainer) => {
      trainer.load(lean)
      told(cut, trainer)
      fit(trainer, batcher, recipe, { from, to: from + perRound }, teacherLogits)
      return trainer.weights()
    })
    from += perRound
  }
  return { weights: lean, from }
}
