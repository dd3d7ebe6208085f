import type { Optimizer } from '../engine.ts'
import type { FloatKernels } from './kernels.ts'
import type { Layout } from './layout.ts'

/** `clipNorm` 0: not clipped. `reset` forgets the moments. */
export type Update = {
  step(learningRate: number, clipNorm: number): void
  reset(): void
  /** Where the moments lie that this optimizer has. */
  readonly moments: readonly number[]
  /** Updates since the last reset. */
  updates(): number
  /** Counts on from so many updates; the moments are written by whoever knows them. */
  goOn(updates: number): void
}

export function createUpdate({ vectors, floats, kernelFloats }: Layout, k: FloatKernels, optimizer: Optimizer): Update {
  const { parameters: p, gradients: g, first: m, second: v } = vectors
  // beta^t by repeated multiplication: `Math.pow` is not the same on every machine.
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
  const range = (from: number, n: number, learningRate: number, keep: number, share: number) => {
    const at = 4 * from
    if (optimizer.kind === 'sgd') return k.sgd(n, p + at, g + at, v + at, learningRate, optimizer.momentum, keep, share)
    const { beta1, beta2, epsilon } = optimizer
    const [c1, c2] = [1 / (1 - power1), 1 / (1 - power2)]
    k.adamw(n, p + at, g + at, m + at, v + at, learningRate, beta1, beta2, epsilon, c1, c2, keep, share)
  }
  return {
    step(learningRate, clipNorm) {
      const norm = clipNorm > 0 ? Math.sqrt(k.squaredNorm(floats, g)) : 0
      const share = norm > clipNorm ? clipNorm / norm : 1
      count()
      range(0, kernelFloats, learningRate, 1 - learningRate * optimizer.weightDecay, share)
      range(kernelFloats, floats - kernelFloats, learningRate, 1, share)
    },
    reset() {
      restart()
      k.fill(floats, m, 0)
      k.fill(floats, v, 0)
    },
    moments: optimizer.kind === 'sgd' ? [v] : [m, v],
    updates: () => updates,
    goOn(to) {
      restart()
      while (updates < to) count()
    },
  }
}
