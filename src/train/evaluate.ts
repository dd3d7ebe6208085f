import type { SplitName } from '../data/dataset.ts'
import { elements, type Graph, outputShape } from '../graph/graph.ts'
import { createEvaluator } from '../quant/evaluator.ts'
import { quantiseInput } from '../quant/input.ts'
import type { QuantizedModel } from '../quant/model.ts'
import { type Labels, labelsAt } from '../task/labels.ts'
import type { Predictions } from '../task/predictions.ts'
import { score } from '../task/score.ts'
import type { TrainContext } from './context.ts'
import type { Trainer } from './engine.ts'
import { eachChunk } from './with-trainer.ts'

/** The study's metric of a float network on a split: on the examples of the float steps, or on those that score int8, to compare with. */
export function evaluateFloat(
  context: TrainContext,
  trainer: Trainer,
  split: SplitName,
  like: 'float' | 'int8' = 'float',
): number {
  const indices = sample(context, split, context.recipe.scoreExamples[like])
  const predictions = predictAll(context, trainer.graph, indices, (inputs, count) => trainer.predict(inputs, count))
  return score(context.metric, predictions, labelsOf(context, indices))
}

/** The study's metric of an int8 network on a split, TFLite-Micro's rounding: the number that counts. */
export function evaluateInt8(context: TrainContext, model: QuantizedModel, split: SplitName): number {
  const indices = sample(context, split, context.recipe.scoreExamples.int8)
  return score(context.metric, predictInt8(context, model, indices), labelsOf(context, indices))
}

/** Output of an int8 network for these examples, dequantised. */
export function predictInt8(context: TrainContext, model: QuantizedModel, indices: Int32Array): Predictions {
  const evaluator = createEvaluator(model, 'tflm')
  const input = model.tensors[0]!
  const output = model.tensors[model.tensors.length - 1]!
  try {
    return predictAll(context, model.graph, indices, (inputs, count) =>
      Float32Array.from(evaluator.run(quantiseInput(inputs, input), count), (q) => (q - output.zeroPoint) * output.scale),
    )
  } finally {
    evaluator.dispose()
  }
}

export const labelsOf = ({ dataset }: TrainContext, indices: Int32Array): Labels => labelsAt(dataset.labels, indices)

/** At most `limit` examples of a split, evenly spaced (0 = all). */
export function sample({ dataset }: Pick<TrainContext, 'dataset'>, split: SplitName, limit: number): Int32Array {
  const all = dataset.splits[split]
  if (limit === 0 || all.length <= limit) return all
  return Int32Array.from({ length: limit }, (_, i) => all[Math.floor((i * all.length) / limit)]!)
}

/** What `predict` says about these examples, a chunk at a time. */
export function predictAll(
  context: TrainContext,
  graph: Graph,
  indices: Int32Array,
  predict: (inputs: Float32Array, count: number) => Float32Array,
): Predictions & { readonly scores: Float32Array } {
  const outputs = elements(outputShape(graph))
  const scores = new Float32Array(indices.length * outputs)
  eachChunk(context, graph, indices, (inputs, count, from) => scores.set(predict(inputs, count), from * outputs))
  return { count: indices.length, outputs, scores }
}
