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

/** Steps `from` to `to` of a teacher's training; `checkpoint` is where it stood at `from`, absent at its beginning. */
export type TeacherPart = { readonly from: number; readonly to: number; readonly checkpoint?: Weights }

/**
 * A part of the training of one teacher network, on labels. After the last part it says what it thinks of every example that a student may be fitted to,
 * seen plain. Parts one after the other give the bits of one whole training.
 */
export function trainTeacher(
  context: TrainContext,
  graph: Graph,
  seed: string,
  { from, to, checkpoint }: TeacherPart,
): { readonly checkpoint: Weights; readonly result: TeacherResult | null } {
  const { recipe, dataset } = context
  const batcher = makeBatcher(dataset, dataset.splits.train, inputShape(graph), { seed, augment: recipe.augment })
  return withTrainer(context, graph, seed, (trainer) => {
    if (checkpoint) trainer.restore(checkpoint)
    fit(trainer, batcher, recipe, { from, to })
    const result = () => ({ logits: sayings(context, trainer), score: evaluateFloat(context, trainer, 'searchValidation') })
    return { checkpoint: trainer.checkpoint(), result: to === totalSteps(recipe) ? result() : null }
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
