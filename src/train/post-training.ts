import type { Graph } from '../graph/graph.ts'
import type { Weights } from '../graph/weights.ts'
import { createRangeCollector, type RangeCollector } from '../quant/calibrate.ts'
import type { QuantizedModel } from '../quant/model.ts'
import { quantise } from '../quant/quantise.ts'
import type { TrainContext } from './context.ts'
import type { Trainer } from './engine.ts'
import { sample } from './evaluate.ts'
import { eachChunk } from './with-trainer.ts'

/** Post-training quantisation of the weights that `trainer` holds. */
export const postTrainingQuantise = (context: TrainContext, graph: Graph, trainer: Trainer, weights: Weights): QuantizedModel =>
  quantise(graph, weights, calibrate(context, graph, trainer).ranges())

/**
 * Activation ranges, seen on the calibration slice, which is carved from train and never fitted (ranges seen on fitted examples come out too
 * narrow).
 */
export function calibrate(context: TrainContext, graph: Graph, trainer: Trainer): RangeCollector {
  const collector = createRangeCollector(graph)
  const indices = sample(context, 'calibration', context.recipe.scoreExamples.calibration ?? 0)
  eachChunk(context, graph, indices, (inputs, count) => trainer.observe(inputs, count, collector.visit))
  return collector
}
