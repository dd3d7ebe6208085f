import type { Optimizer } from '../engine.ts'
import type { Tensor, Tf, Variable } from './library.ts'
import type { Parameter } from './parameters.ts'

/** `clipNorm` 0: not clipped. `gradients` in the order of the parameters. `reset` forgets the moments. */
export type Update = {
  step(gradients: readonly Tensor[], learningRate: number, clipNorm: number): void
  reset(): void
  /** Each moment that this optimizer has, in the order of the parameters. */
  readonly moments: readonly (readonly Variable[])[]
  /** Updates since the last reset. */
  updates(): number
  /** Counts on from so many updates; the moments are written by whoever knows them. */
  goOn(updates: number): void
  dispose(): void
}

/** The formulas of `assembly/float/optimizer.ts`; tfjs's own optimisers know neither Nesterov with decoupled decay nor AdamW. */
export function createUpdate(tf: Tf, parameters: readonly Parameter[], optimizer: Optimizer): Update {
  const zeros = () => parameters.map(({ variable }) => tf.tidy(() => tf.variable(tf.zerosLike(variable as Tensor), false)))
  const moments = optimizer.kind === 'sgd' ? [zeros()] : [zeros(), zeros()]
  let [power1, power2] = [1, 1]
  let updates = 0
  const count = () => {
    updates++
    if (optimizer.kind !== 'adamw') return
    power1 *= optimizer.beta1
    power2 *= optimizer.beta2
  }
  const restart = () => {
    power1 = power2 = 1
    updates = 0
  }

  /** What the learning rate multiplies, the moments having moved. */
  function direction(k: number, g: Tensor): Tensor {
    const move = (moment: Variable, value: Tensor): Tensor => {
      moment.assign(value)
      return value
    }
    const first = moments[0]![k]!
    if (optimizer.kind === 'sgd') {
      const v = move(first, tf.add(tf.mul(first, optimizer.momentum), g))
      return tf.add(g, tf.mul(v, optimizer.momentum))
    }
    const { beta1, beta2, epsilon } = optimizer
    const second = moments[1]![k]!
    const m = move(first, tf.add(tf.mul(first, beta1), tf.mul(g, 1 - beta1)))
    const v = move(second, tf.add(tf.mul(second, beta2), tf.mul(tf.square(g), 1 - beta2)))
    return tf.div(tf.mul(m, 1 / (1 - power1)), tf.add(tf.sqrt(tf.mul(v, 1 / (1 - power2))), epsilon))
  }

  return {
    step(gradients, learningRate, clipNorm) {
      const norm = clipNorm > 0 ? Math.sqrt(squaredNorm(tf, gradients)) : 0
      const share = norm > clipNorm ? clipNorm / norm : 1
      count()
      parameters.forEach(({ variable, decays }, k) => {
        const keep = decays ? 1 - learningRate * optimizer.weightDecay : 1
        tf.tidy(() => {
          const kept = tf.mul(variable, keep)
          variable.assign(tf.sub(kept, tf.mul(direction(k, tf.mul(gradients[k]!, share)), learningRate)))
        })
      })
    },
    reset() {
      restart()
      tf.tidy(() => {
        for (const moment of moments.flat()) moment.assign(tf.zerosLike(moment as Tensor))
      })
    },
    moments,
    updates: () => updates,
    goOn(to) {
      restart()
      while (updates < to) count()
    },
    dispose() {
      for (const moment of moments.flat()) moment.dispose()
    },
  }
}

const squaredNorm = (tf: Tf, gradients: readonly Tensor[]): number =>
  tf.tidy(() => gradients.reduce((sum, g) => sum + tf.sum(tf.square(g)).dataSync()[0]!, 0))
