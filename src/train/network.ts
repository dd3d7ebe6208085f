import { makeBatcher } from '../data/batches.ts'
import type { SplitName } from '../data/dataset.ts'
import { countGraph } from '../graph/count.ts'
import { type Graph, inputShape } from '../graph/graph.ts'
import { tfliteBytes } from '../graph/tflite-size.ts'
import type { Weights } from '../graph/weights.ts'
import type { QuantizedModel } from '../quant/model.ts'
import { outputsOf } from '../task/lookup.ts'
import type { StepRecord } from '../task/step.ts'
import type { TrainContext } from './context.ts'
import type { Trainer } from './engine.ts'
import { evaluateFloat, evaluateInt8 } from './evaluate.ts'
import { fit } from './fit.ts'
import { pruneGradually } from './gradual-pruning.ts'
import { inheritWeights, type Relative } from './inherit.ts'
import { repairInt8 } from './int8-repair.ts'
import { postTrainingQuantise } from './post-training.ts'
import { stepsOf, totalSteps } from './recipe.ts'
import { withTrainer } from './with-trainer.ts'

/** One network to make: `unpruned` is trained first, `graph` is what pruning leaves, what is priced and what is flashed. */
export type Network = {
  readonly graph: Graph
  readonly unpruned: Graph
  /** Addresses initial weights, the order of examples and augmentation. */
  readonly seed: string
}

/** A network half-way: trained, not yet pruned. */
export type Started = { readonly weights: Weights; readonly steps: readonly StepRecord[] }

/** Or the weights of a relative, which are grown or shrunk; the whole training is then still to come. */
export type Inherited = Started & { readonly relative?: Omit<Relative, 'weights'> }

export type Finished = {
  readonly weights: Weights
  readonly quantized: QuantizedModel
  readonly steps: readonly StepRecord[]
  /** The study's metric of the int8 network, tflm rounding, on `split`. */
  readonly int8: number
  /** That of the float network before it was quantised, on the same examples. */
  readonly float32: number
}

/** The float stage: trains the unpruned network, on labels alone where it runs beside the teacher's own training. */
export function startNetwork(context: TrainContext, network: Network, split: SplitName): Started {
  const { recipe } = context
  const started = context.clock()
  return withTrainer(context, network.unpruned, network.seed, (trainer) => {
    const range = { from: 0, to: stepsOf(recipe, recipe.warmExamples) }
    fit(trainer, trainBatcher(context, network), recipe, range, context.teacherLogits)
    const score = evaluateFloat(context, trainer, split)
    return { weights: trainer.weights(), steps: [record('float', network.unpruned, score, context.clock() - started, 4)] }
  })
}

/**
 * Pruning, fine-tuning with the teacher, int8 quantisation, and the integer network's own score. Where that loses more than `int8Tolerance` points,
 * remedies follow (`int8-repair.ts`).
 */
export function finishNetwork(context: TrainContext, network: Network, start: Inherited, split: SplitName): Finished {
  const { recipe } = context
  const steps: StepRecord[] = [...start.steps]
  let clock = context.clock()
  const lap = () => {
    const now = context.clock()
    const took = now - clock
    clock = now
    return took
  }
  const cutTo = (graph: Graph, trainer: Trainer) =>
    steps.push(record('pruned', graph, evaluateFloat(context, trainer, split), lap(), 4))
  const isPruned = prunes(network)
  const lean = isPruned
    ? pruneGradually(context, network, start.weights, trainBatcher(context, network), cutTo)
    : { weights: start.weights, from: start.relative ? 0 : stepsOf(recipe, recipe.warmExamples) }
  const made = withTrainer(context, network.graph, network.seed, (trainer) => {
    const { relative } = start
    trainer.load(
      relative ? inheritWeights(network.graph, { ...relative, weights: start.weights }, trainer.weights()) : lean.weights,
    )
    if (isPruned) cutTo(network.graph, trainer)
    const range = { from: lean.from, to: totalSteps(recipe) }
    fit(trainer, trainBatcher(context, network), recipe, range, context.teacherLogits)
    const float32 = evaluateFloat(context, trainer, split, 'int8')
    steps.push(record(context.teacherLogits ? 'distilled' : 'tuned', network.graph, float32, lap(), 4))
    const weights = trainer.weights()
    const quantized = postTrainingQuantise(context, network.graph, trainer, weights)
    const int8 = evaluateInt8(context, quantized, split)
    steps.push(record('int8', network.graph, int8, lap(), 1))
    return { weights, quantized, int8, float32 }
  })
  const repaired = repairInt8(context, made, {
    graph: network.graph,
    float32: made.float32,
    split,
    batcher: trainBatcher(context, { ...network, seed: `${network.seed}/int8` }),
    told: (step, int8) => steps.push(record(step, network.graph, int8, lap(), 1)),
  })
  return { ...made, ...repaired, steps }
}

const trainBatcher = (context: TrainContext, network: Network) =>
  makeBatcher(context.dataset, fitted(context), inputShape(network.graph), {
    seed: network.seed,
    augment: context.recipe.augment,
  })

/** `train`, and what is also fitted, unless a teacher has nothing to say of that. */
function fitted({ dataset, alsoFit, teacherLogits }: TrainContext): Int32Array {
  const { train } = dataset.splits
  const rows = teacherLogits ? teacherLogits.length / outputsOf(dataset) : Number.POSITIVE_INFINITY
  if (!alsoFit || rows <= train.length) return train
  return Int32Array.from([...train, ...dataset.splits[alsoFit]])
}

/** Whether pruning takes anything: also true of graphs that crossed a thread, where identity is lost. */
export const prunes = ({ graph, unpruned }: Pick<Network, 'graph' | 'unpruned'>): boolean =>
  countGraph(graph).params !== countGraph(unpruned).params

/** Float networks are counted at four bytes a parameter, int8 ones as the file that would be flashed. */
function record(
  step: StepRecord['step'],
  graph: Graph,
  score: number | null,
  milliseconds: number,
  bytesPerParameter: 1 | 4,
): StepRecord {
  const { macs, params } = countGraph(graph)
  return { step, score, bytes: bytesPerParameter === 1 ? tfliteBytes(graph) : 4 * params, macs, milliseconds }
}
