import { makeBatcher } from '../data/batches.ts'
import { type Graph, inputShape } from '../graph/graph.ts'
import type { Weights } from '../graph/weights.ts'
import { createRangeCollector, type QuantizedModel, quantise } from '../quant/index.ts'
import type { TrainContext } from './context.ts'
import type { Trainer } from './engine.ts'

const chunk = 64

/**
 * Post-training quantisation: activation ranges are seen on the calibration slice, which is carved from train and never fitted
 * (ranges seen on fitted examples come out too narrow).
 */
export function postTrainingQuantise(context: TrainContext, graph: Graph, trainer: Trainer, weights: Weights): QuantizedModel {
  const indices = context.dataset.splits.calibration
  const batcher = makeBatcher(context.dataset, indices, inputShape(graph), { seed: '', augment: 0 })
  const inputs = new Float32Array(chunk * batcher.exampleLength)
  const collector = createRangeCollector(graph)
  for (let from = 0; from < indices.length; from += chunk) {
    const count = Math.min(chunk, indices.length - from)
    batcher.gather(from, count, inputs)
    trainer.observe(inputs.subarray(0, count * batcher.exampleLength), count, collector.visit)
  }
  return quantise(graph, weights, collector.ranges())
}
