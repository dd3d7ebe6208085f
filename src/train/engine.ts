import type { Graph, Shape } from '../graph/graph.ts'
import type { Weights } from '../graph/weights.ts'
import type { QuantParams } from '../quant/model.ts'
import type { Loss } from '../task/loss.ts'

export type EngineName = 'wasm' | 'tensorflow' | 'fake'

/** SGD with Nesterov momentum or AdamW; decay is decoupled and touches kernels only. */
export type Optimizer =
  | { readonly kind: 'sgd'; readonly momentum: number; readonly weightDecay: number }
  | {
      readonly kind: 'adamw'
      readonly beta1: number
      readonly beta2: number
      readonly epsilon: number
      readonly weightDecay: number
    }

/** A mini-batch, already gathered, augmented and normalised: `inputs` is `[count, h, w, c]`. */
export type Batch = {
  readonly count: number
  readonly inputs: Float32Array
  /** What the outputs should be, `[count, outputs]`: class probabilities (one-hot, or mixed by mixup), or values. */
  readonly targets: Float32Array
  /** Teacher logits `[count, classes]`; absent = no distillation. */
  readonly teacherLogits?: Float32Array
}

/** What may change from one step to the next. */
export type StepOptions = {
  readonly learningRate: number
  /** Loss = alpha * CE(labels) + (1 - alpha) * T^2 * KL(teacher || student) at temperature T (Hinton et al. 2015). Read only with teacher logits. */
  readonly distillation?: { readonly alpha: number; readonly temperature: number }
  /** Batch norm uses and keeps its running statistics (fine-tuning, quantisation-aware training). */
  readonly frozenBatchNorm?: boolean
  /** Number of this step in its training: addresses the dropout. Absent = 0. */
  readonly step?: number
  /** Global gradient norm is clipped to this; 0 or absent = not clipped. */
  readonly clipNorm?: number
}

export type TrainerOptions = {
  readonly batchSize: number
  readonly loss: Loss
  readonly optimizer: Optimizer
  /** Addresses weight initialisation and, with the number of the step, dropout. */
  readonly seed: string
  /** Probability with which a value that the classifier reads is left out of a training step (Srivastava et al. 2014), the others divided by 1 - it. Absent = 0. */
  readonly dropout?: number
  /**
   * Quantisation-aware training (Jacob et al. 2018): the network computes with kernels and tensors rounded to what int8 holds, `fakeInt8[t]` the
   * grid of tensor t; updates go to the exact kernels. Gradients pass straight through the rounding (Bengio et al. 2013), except where a
   * layer's value left its grid. Meant for `frozenBatchNorm`. Absent = float.
   */
  readonly fakeInt8?: readonly QuantParams[]
}

/**
 * A network in training. Trains the graph up to its logits: a final softmax belongs to the loss.
 * Same options and batches give the same bits on any machine (plain WASM engine).
 */
export interface Trainer {
  readonly graph: Graph
  /** One step of forward, backward and update. Returns the mean loss of the batch before the update; NaN or Infinity means it diverged. */
  step(batch: Batch, options: StepOptions): number
  /** Logits `[count, classes]` with running batch-norm statistics. `inputs` is `[count, h, w, c]`; any count. */
  predict(inputs: Float32Array, count: number): Float32Array
  /** Every tensor of the graph for these inputs, inference mode, for calibration: calls `visit(tensorId, values)` in operator order with `[count, h, w, c]` values (valid during the call only). More than a batch is visited batch by batch, each time every tensor. */
  observe(inputs: Float32Array, count: number, visit: (tensor: number, values: Float32Array) => void): void
  /** A copy of all parameters, by name (`graph/weights.ts`). */
  weights(): Weights
  load(weights: Weights): void
  /**
   * All that the next step depends on, beside the batch: weights, the optimizer's moments (`moment0/NAME`, …) and `steps` (those that batch norm saw, and
   * updates since `resetOptimizer`).
   */
  checkpoint(): Weights
  /** Goes on from a checkpoint of a trainer of the same graph and options, to the bit as if nothing had come between. */
  restore(checkpoint: Weights): void
  /** Forget optimizer state (momentum). */
  resetOptimizer(): void
  /** Mean gradient of the last step per parameter, for tests and pruning (Taylor importance); copies. */
  gradients(): Weights
  dispose(): void
}

/** What of a trainer's options decides about its memory; `int8Aware` stands for `fakeInt8`, whose grids nobody knows before a training. */
export type MemoryOptions = Pick<TrainerOptions, 'batchSize' | 'dropout'> & { readonly int8Aware?: boolean }

/** One training library behind the seam. */
export interface Engine {
  readonly name: EngineName
  /** Random initial weights (He) under `seed`. Throws RangeError for an operator that it cannot train. */
  create(graph: Graph, options: TrainerOptions): Trainer
  /** Bytes of memory that a trainer of this graph takes, known before it is made. */
  memoryBytes(graph: Graph, options: MemoryOptions): number
}

export type { Shape }
