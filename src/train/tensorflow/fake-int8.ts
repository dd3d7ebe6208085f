import type { Graph } from '../../graph/graph.ts'
import { activationOf, hasWeights, type LayerOp, weightLevels } from '../../graph/traits.ts'
import { gridOf } from '../../quant/fake.ts'
import type { QuantParams } from '../../quant/model.ts'
import type { Tensor, Tensor4D, Tf } from './library.ts'
import { scaleAxes } from './parameters.ts'

/** What values and kernels become on their way through the network in quantisation-aware training; gradients go straight through. */
export type Rounding = {
  /** Tensor t before its activation function -> what its int8 grid holds, activation function included. */
  tensor(t: number, x: Tensor4D): Tensor4D
  kernel(op: LayerOp, kernel: Tensor): Tensor
}

/** The rules of `assembly/float`: a layer's gradient ends where its value left the grid, that of other operators where their rounded value is clipped by ReLU. */
export function fakeInt8Rounding(tf: Tf, graph: Graph, params: readonly QuantParams[]): Rounding {
  const snap = (x: Tensor, inverse: Tensor | number, step: Tensor | number): Tensor => tf.mul(tf.round(tf.mul(x, inverse)), step)
  const rounded = <T extends Tensor>(
    x: T,
    value: (x: Tensor) => Tensor,
    passes: (x: Tensor, value: Tensor) => Tensor | undefined,
  ) =>
    tf.customGrad((given: unknown, save: unknown) => {
      const from = given as Tensor
      const to = value(from)
      ;(save as (tensors: Tensor[]) => void)([from, to])
      return {
        value: to,
        gradFunc: (dy: Tensor, saved: Tensor[]) => {
          const mask = passes(saved[0]!, saved[1]!)
          return mask ? tf.mul(dy, tf.cast(mask, 'float32')) : tf.clone(dy)
        },
      }
    })(x) as T
  const between = (x: Tensor, low: number, high: number) => tf.logicalAnd(tf.greater(x, low), tf.less(x, high))
  return {
    tensor(t, x) {
      const op = graph.ops[t - 1]
      const { low, high, step } = gridOf(op, params[t]!)
      const own = activationOf(op)
      return rounded(
        x,
        (v) => snap(tf.clipByValue(v, low, high), 1 / step, step),
        (v, q) => {
          if (op && hasWeights(op)) return between(v, low, high)
          return own === 'none' ? undefined : between(q, 0, own === 'relu6' ? 6 : Infinity)
        },
      )
    },
    kernel(op, kernel) {
      // one scale a channel, or one for all (`quant/quantise.ts`)
      const axes = scaleAxes(op)
      const value = (w: Tensor) => {
        const most = tf.maximum(tf.max(tf.abs(w), axes, true), 1e-30)
        const levels = weightLevels(op)
        return snap(w, tf.div(levels, most), tf.div(most, levels))
      }
      return rounded(kernel, value, () => undefined)
    },
  }
}
