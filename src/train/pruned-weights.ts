import type { Batcher } from '../data/batches.ts'
import type { Graph } from '../graph/graph.ts'
import type { Weights } from '../graph/weights.ts'
import { pruneChannels } from '../quant/prune.ts'
import type { TrainContext } from './context.ts'
import { fit } from './fit.ts'
import { withTrainer } from './with-trainer.ts'

/** Batches over which Taylor importance is averaged: half a thousand examples, a hundredth of a trial or two. */
const batches = 16

/** Weights of `graph`, cut out of those of `unpruned` by the recipe's importance. */
export function prunedWeights(
  context: TrainContext,
  { graph, unpruned }: { readonly graph: Graph; readonly unpruned: Graph },
  weights: Weights,
  batcher: Batcher,
): Weights {
  const { importance = 'gamma' } = context.recipe
  return pruneChannels(
    unpruned,
    graph,
    weights,
    importance,
    importance === 'taylor' ? gradientsOf(context, unpruned, weights, batcher) : undefined,
  )
}

/** Gradients of the loss on labels, a batch each; the network stays as it is. */
function gradientsOf(context: TrainContext, graph: Graph, weights: Weights, batcher: Batcher): Weights[] {
  const gradients: Weights[] = []
  withTrainer(context, graph, '', (trainer) => {
    trainer.load(weights)
    const still = { ...context.recipe, peakLearningRate: 0 }
    fit(trainer, batcher, still, {
      from: 0,
      to: batches,
      frozenBatchNorm: true,
      after: () => gradients.push(trainer.gradients()),
    })
  })
  return gradients
}
