import type { Loss } from '../../task/loss.ts'
import type { StepOptions } from '../engine.ts'
import type { Scalar, Tensor, Tensor2D, Tf } from './library.ts'

export type LossInput = {
  readonly logits: Tensor2D
  readonly targets: Tensor2D
  readonly teacher?: Tensor2D | undefined
  readonly distillation?: StepOptions['distillation']
}

/** Mean loss of a batch, as `engine.ts` words it. A regression learns from a teacher's outputs by the same loss. */
export function lossOf(tf: Tf, loss: Loss, { logits, targets, teacher, distillation }: LossInput): Scalar {
  const own = loss.kind === 'crossEntropy' ? crossEntropy(tf, loss, logits, targets) : regression(tf, loss, logits, targets)
  if (!teacher || !distillation) return own
  const { alpha, temperature } = distillation
  const taught =
    loss.kind === 'crossEntropy' ? divergence(tf, logits, teacher, temperature) : regression(tf, loss, logits, teacher)
  return tf.add(tf.mul(own, alpha), tf.mul(taught, 1 - alpha))
}

/** Targets are smoothed by q = (1 - s) t + s / K; class weights weigh an example by sum t_k w_k. */
function crossEntropy(tf: Tf, loss: Loss & { kind: 'crossEntropy' }, logits: Tensor2D, targets: Tensor2D): Scalar {
  const { labelSmoothing: s, classWeights } = loss
  const smooth = tf.add(tf.mul(targets, 1 - s), s / logits.shape[1])
  const each: Tensor = tf.neg(tf.sum(tf.mul(smooth, tf.logSoftmax(logits)), 1))
  if (!classWeights) return tf.mean(each)
  const weight = tf.sum(tf.mul(targets, tf.tensor1d([...classWeights])), 1)
  return tf.mean(tf.mul(each, weight))
}

/** T^2 KL(teacher || student) at temperature T. */
function divergence(tf: Tf, logits: Tensor2D, teacher: Tensor2D, temperature: number): Scalar {
  const student = tf.logSoftmax(tf.div(logits, temperature))
  const master = tf.logSoftmax(tf.div(teacher, temperature))
  const each = tf.sum(tf.mul(tf.exp(master), tf.sub(master, student)), 1)
  return tf.mul(tf.mean(each), temperature * temperature)
}

/** Mean over examples and outputs. Huber: q^2 / 2 + delta (|e| - q) with q = min(|e|, delta). */
function regression(tf: Tf, loss: Exclude<Loss, { kind: 'crossEntropy' }>, outputs: Tensor2D, targets: Tensor2D): Scalar {
  const error = tf.sub(outputs, targets)
  if (loss.kind === 'mse') return tf.mean(tf.square(error))
  const size = tf.abs(error)
  const near = tf.minimum(size, loss.delta)
  return tf.mean(tf.add(tf.mul(tf.square(near), 0.5), tf.mul(tf.sub(size, near), loss.delta)))
}
