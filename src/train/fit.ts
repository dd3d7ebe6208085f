import type { Batcher } from '../data/batches.ts'
import { mixRows } from '../data/mixup.ts'
import type { Trainer } from './engine.ts'
import { learningRate, type Recipe } from './recipe.ts'

/** A candidate whose loss left the numbers: the trial ends as `failed: diverged`. */
export class Diverged extends Error {
  override readonly name = 'Diverged'
  constructor(step: number) {
    super(`diverged at step ${step}`)
  }
}

export type FitRange = {
  readonly from: number
  readonly to: number
  readonly frozenBatchNorm?: boolean
  /** Called after each step. */
  readonly after?: () => void
}

/**
 * Steps `from` to `to` of a recipe. Batches depend on the step number alone, so stopping after any step and going on later sees the same data.
 * `teacherLogits` are `[examples of the batcher, classes]` in the batcher's order.
 * @throws Diverged within a step of the loss becoming NaN or infinite.
 */
export function fit(trainer: Trainer, batcher: Batcher, recipe: Recipe, range: FitRange, teacherLogits?: Float32Array): void {
  const outputs = lastDimension(trainer)
  const size = Math.min(recipe.batchSize, batcher.count)
  const perEpoch = Math.max(1, Math.floor(batcher.count / size))
  const inputs = new Float32Array(size * batcher.exampleLength)
  const targets = new Float32Array(size * outputs)
  const logits = teacherLogits ? new Float32Array(size * outputs) : undefined
  for (let step = range.from; step < range.to; step++) {
    const epoch = Math.floor(step / perEpoch)
    const positions = batcher.batch(epoch, step - epoch * perEpoch, size, inputs, targets)
    if (logits) {
      gatherRows(teacherLogits!, positions, outputs, logits)
      const mix = batcher.mix()
      if (mix) mixRows(logits, outputs, size, mix)
    }
    const loss = trainer.step(
      { count: size, inputs, targets, ...(logits ? { teacherLogits: logits } : {}) },
      {
        learningRate: learningRate(recipe, step),
        clipNorm: recipe.clipNorm,
        frozenBatchNorm: range.frozenBatchNorm === true,
        step,
        ...(logits && recipe.distillation ? { distillation: recipe.distillation } : {}),
      },
    )
    if (!Number.isFinite(loss)) throw new Diverged(step)
    range.after?.()
  }
}

function gatherRows(from: Float32Array, rows: Int32Array, width: number, into: Float32Array): void {
  for (let i = 0; i < rows.length; i++) into.set(from.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width)
}

function lastDimension(trainer: Trainer): number {
  const shapes = trainer.graph.shapes
  return shapes[shapes.length - 1]![2]
}
