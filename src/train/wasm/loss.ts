import type { Loss } from '../../task/loss.ts'
import type { Batch, StepOptions } from '../engine.ts'
import type { FloatKernels } from './kernels.ts'
import type { Layout } from './layout.ts'

export type LossStep = (batch: Batch, distillation: StepOptions['distillation']) => number

/** Loss of the logits in place, its gradient beside them. A regression learns from a teacher's outputs by the same loss. */
export function lossStep(layout: Layout, k: FloatKernels, loss: Loss): LossStep {
  const { outputs, logits, logitsGradient: gradient, targets, teacher, classWeights } = layout
  if (loss.kind === 'crossEntropy') {
    const weights = loss.classWeights ? classWeights : 0
    return ({ count, teacherLogits }, distillation) => {
      const { alpha, temperature } = distillation ?? { alpha: 1, temperature: 1 }
      const master = teacherLogits && distillation ? teacher : 0
      return k.crossEntropy(count, outputs, logits, targets, loss.labelSmoothing, weights, master, alpha, temperature, gradient)
    }
  }
  const [delta, scale] = loss.kind === 'huber' ? [loss.delta, 1] : [Infinity, 2]
  return ({ count, teacherLogits }, distillation) => {
    const alpha = teacherLogits && distillation ? distillation.alpha : 1
    const own = k.huber(count, outputs, logits, targets, delta, scale * alpha, 0, gradient)
    return alpha === 1 ? own : own + k.huber(count, outputs, logits, teacher, delta, scale * (1 - alpha), 1, gradient)
  }
}
