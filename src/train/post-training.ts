import type { Graph } from '../graph/graph.ts'
import type { Weights } from '../graph/weights.ts'
import { createRangeCollector, type QuantizedModel, quantise } from '../quant/index.ts'
import type { TrainContext } from './context.ts'
import type { Trainer } from './engine.ts'
import { eachChunk } from './with-trainer.ts'

/**
 * Post-training quantisation: activation ranges are seen on the calibration slice, which is carved from train and never fitted
 * (ranges seen on fitted examples come out too narrow).
 */
export function postTrainingQuantise(context: TrainContext, graph: Graph, trainer: Trainer, weights: Weights): QuantizedModel {
  const collector = createRangeCollector(graph)
  eachChunk(context, graph, context.dataset.splits.calibration, (inputs, count) =>
    trainer.observe(inputs, count, collector.visit),
  )
  return quantise(graph, weights, collector.ranges())
}
