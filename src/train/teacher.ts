import { makeBatcher } from '../data/batches.ts'
import { type Graph, inputShape } from '../graph/graph.ts'
import type { Weights } from '../graph/weights.ts'
import type { TrainContext } from './context.ts'
import type { Trainer } from './engine.ts'
import { evaluateFloat, predictAll } from './evaluate.ts'
import { fit } from './fit.ts'
import { totalSteps } from './recipe.ts'
import { withTrainer } from './with-trainer.ts'

export type TeacherResult = {
  /** `[train + search-validation examples, classes]`, in the order of the splits. */
  readonly logits: Float32Array
  /** The study's metric on search-validation. */
  readonly score: number
}

/** Trains one teacher network on labels and writes down what it says about every example that a student may be fitted to, seen plain. */
export function trainTeacher(context: TrainContext, graph: Graph, seed: string): TeacherResult {
  const { recipe, dataset } = context
  const { train } = dataset.splits
  return withTrainer(context, graph, seed, (trainer) => {
    fit(trainer, makeBatcher(dataset, train, inputShape(graph), { seed, augment: recipe.augment }), recipe, {
      from: 0,
      to: totalSteps(recipe),
    })
    return { logits: sayings(context, trainer), score: evaluateFloat(context, trainer, 'searchValidation') }
  })
}

/** What trained weights say about the same examples, for an ensemble: `[train + search-validation examples, classes]`. */
export const logitsOf = (context: TrainContext, graph: Graph, weights: Weights): Float32Array =>
  withTrainer(context, graph, '', (trainer) => {
    trainer.load(weights)
    return sayings(context, trainer)
  })

function sayings(context: TrainContext, trainer: Trainer): Float32Array {
  const { train, searchValidation } = context.dataset.splits
  const shown = Int32Array.from([...train, ...searchValidation])
  return predictAll(context, trainer.graph, shown, (inputs, count) => trainer.predict(inputs, count)).scores
}
