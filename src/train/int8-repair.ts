import type { Batcher } from '../data/batches.ts'
import type { SplitName } from '../data/dataset.ts'
import type { Graph } from '../graph/graph.ts'
import { int4Layers } from '../graph/traits.ts'
import type { Weights } from '../graph/weights.ts'
import { equalise } from '../quant/equalise.ts'
import type { QuantizedModel } from '../quant/model.ts'
import { outputsOf } from '../task/lookup.ts'
import { errorOf, isShare, type Metric } from '../task/metric.ts'
import { trivialScore } from '../task/score.ts'
import type { StepRecord } from '../task/step.ts'
import type { TrainContext } from './context.ts'
import { evaluateInt8, labelsOf } from './evaluate.ts'
import { Diverged, fit } from './fit.ts'
import { calibrate, postTrainingQuantise } from './post-training.ts'
import { awareRecipe, totalSteps } from './recipe.ts'
import { withTrainer } from './with-trainer.ts'

/** Float weights, what post-training quantisation makes of them, and the study's metric of that. */
export type Int8Network = { readonly weights: Weights; readonly quantized: QuantizedModel; readonly int8: number }

export type Int8Repair = {
  readonly graph: Graph
  /** Score of the float network, on the same examples as `int8`. */
  readonly float32: number
  readonly split: SplitName
  /** Examples to fine-tune on. */
  readonly batcher: Batcher
  /** What a remedy made, whether it is kept or not; null where it diverged. */
  readonly told: (step: StepRecord['step'], int8: number | null) => void
}

/** Points that int8 loses against float: hundredths of a share or, where the metric is none, of the error of the answer that looks at no input, whose score is `trivial`. */
export function int8Loss(metric: Metric, float32: number, int8: number, trivial: number): number {
  const lost = errorOf(metric, int8) - errorOf(metric, float32)
  const whole = isShare(metric.kind) ? 1 : errorOf(metric, trivial)
  return lost > 0 ? (100 * lost) / whole : 0
}

/**
 * While int8 loses more than `int8Tolerance` points against float, the next remedy is tried; what scores better in int8 is kept. With weights in 4 bits
 * any loss is too much: training as they compute wins most of it back (docs/findings.md#30-weights-in-4-bits).
 */
export function repairInt8(context: TrainContext, network: Int8Network, repair: Int8Repair): Int8Network {
  const { int8Tolerance } = context.recipe
  const tolerance = int8Tolerance === null ? null : int4Layers(repair.graph) > 0 ? 0 : int8Tolerance
  const { dataset, metric } = context
  const labels = labelsOf(context, dataset.splits[repair.split])
  const trivial = trivialScore(dataset.task, metric, labels, outputsOf(dataset))
  const loss = (int8: number) => int8Loss(metric, repair.float32, int8, trivial)
  let best = network
  for (const [step, remedy] of remedies) {
    if (tolerance === null || loss(best.int8) <= tolerance) break
    const weights = remedy(context, best, repair)
    const next = weights && quantised(context, weights, repair)
    repair.told(step, next?.int8 ?? null)
    if (next && errorOf(context.metric, next.int8) < errorOf(context.metric, best.int8)) best = next
  }
  return best
}

type Remedy = (context: TrainContext, network: Int8Network, repair: Int8Repair) => Weights | undefined

/** Cheapest first. What they make is float weights again, calibrated and quantised as any others are. */
const remedies: readonly (readonly [StepRecord['step'], Remedy])[] = [
  /** The same function with channels of similar range. */
  [
    'equalised',
    (context, { weights }, { graph }) => {
      const ranges = withTrainer(context, graph, '', (trainer) => {
        trainer.load(weights)
        return calibrate(context, graph, trainer).ranges('minMax')
      })
      return equalise(graph, weights, ranges)
    },
  ],
  /** Fine-tuning as int8 computes (Jacob et al. 2018): batch norm frozen, tensors on the grids that calibration found, kernels on their own. */
  [
    'qat',
    (context, { weights, quantized }, { graph, batcher }) => {
      const recipe = awareRecipe(context.recipe, int4Layers(graph) > 0 ? 4 : 8)
      try {
        return withTrainer({ ...context, fakeInt8: quantized.tensors }, graph, '', (trainer) => {
          trainer.load(weights)
          fit(trainer, batcher, recipe, { from: 0, to: totalSteps(recipe), frozenBatchNorm: true }, context.teacherLogits)
          return trainer.weights()
        })
      } catch (error) {
        if (error instanceof Diverged) return undefined
        throw error
      }
    },
  ],
]

function quantised(context: TrainContext, weights: Weights, { graph, split }: Int8Repair): Int8Network {
  return withTrainer(context, graph, '', (trainer) => {
    trainer.load(weights)
    const quantized = postTrainingQuantise(context, graph, trainer, weights)
    return { weights, quantized, int8: evaluateInt8(context, quantized, split) }
  })
}
