import type { SplitName } from '../data/dataset.ts'
import type { Graph } from '../graph/graph.ts'
import type { Weights } from '../graph/weights.ts'
import { taskOf } from '../task/lookup.ts'
import { score } from '../task/score.ts'
import type { TrainContext } from './context.ts'
import { evaluateFloat, labelsOf, predictInt8 } from './evaluate.ts'
import { postTrainingQuantise } from './post-training.ts'
import { withTrainer } from './with-trainer.ts'

/** Trained weights on a split: the int8 network made from them again (quantisation is deterministic), its metric and confusion matrix. */
export function assessInt8(context: TrainContext, graph: Graph, weights: Weights, split: SplitName) {
  return withTrainer(context, graph, '', (trainer) => {
    trainer.load(weights)
    const indices = context.dataset.splits[split]
    const quantized = postTrainingQuantise(context, graph, trainer, weights)
    const predictions = predictInt8(context, quantized, indices)
    const labels = labelsOf(context, indices)
    return {
      quantized,
      score: score(context.metric, predictions, labels),
      float32: evaluateFloat(context, trainer, split),
      examples: predictions.count,
      confusion: taskOf(context.dataset.task).confusion(predictions, labels),
    }
  })
}
