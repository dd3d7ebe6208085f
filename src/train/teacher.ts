import { makeBatcher } from '../data/batches.ts'
import { type Graph, inputShape } from '../graph/graph.ts'
import type { TrainContext } from './context.ts'
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
  const { train, searchValidation } = dataset.splits
  return withTrainer(context, graph, seed, (trainer) => {
    fit(trainer, makeBatcher(dataset, train, inputShape(graph), { seed, augment: recipe.augment }), recipe, {
      from: 0,
      to: totalSteps(recipe),
    })
    const shown = Int32Array.from([...train, ...searchValidation])
    const { scores } = predictAll(context, graph, shown, (inputs, count) => trainer.predict(inputs, count))
    return { logits: scores, score: evaluateFloat(context, trainer, 'searchValidation') }
  })
}
