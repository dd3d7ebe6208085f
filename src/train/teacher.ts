import { makeBatcher } from '../data/batches.ts'
import { elements, type Graph, inputShape, outputShape } from '../graph/graph.ts'
import type { TrainContext } from './context.ts'
import { evaluateFloat } from './evaluate.ts'
import { fit } from './fit.ts'
import { totalSteps } from './recipe.ts'

export type TeacherResult = {
  /** `[train examples, classes]`, in the order of the train split. */
  readonly logits: Float32Array
  /** The study's metric on search-validation. */
  readonly score: number
}

/** Trains one teacher network on labels and writes down what it says about every training example, seen plain. */
export function trainTeacher(context: TrainContext, graph: Graph, seed: string): TeacherResult {
  const { recipe, dataset, engine } = context
  const trainer = engine.create(graph, { batchSize: recipe.batchSize, loss: recipe.loss, optimizer: recipe.optimizer, seed })
  try {
    const batcher = makeBatcher(dataset, dataset.splits.train, inputShape(graph), { seed, augment: recipe.augment })
    fit(trainer, batcher, recipe, { from: 0, to: totalSteps(recipe) })
    const outputs = elements(outputShape(graph))
    const plain = makeBatcher(dataset, dataset.splits.train, inputShape(graph), { seed: '', augment: 0 })
    const logits = new Float32Array(plain.count * outputs)
    const chunk = 64
    const inputs = new Float32Array(chunk * plain.exampleLength)
    for (let from = 0; from < plain.count; from += chunk) {
      const count = Math.min(chunk, plain.count - from)
      plain.gather(from, count, inputs)
      logits.set(trainer.predict(inputs.subarray(0, count * plain.exampleLength), count), from * outputs)
    }
    return { logits, score: evaluateFloat(context, trainer, 'searchValidation') }
  } finally {
    trainer.dispose()
  }
}
