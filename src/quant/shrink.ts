import type { QuantizedKernel, QuantizedModel } from './model.ts'
import { roundAway } from './multiplier.ts'

/** What makes a compressed image smaller. The kernels of microcontrollers multiply zeros and shared values like any others: nothing runs faster. */
export type Shrink = {
  /** Share of every kernel's weights, the smallest, that become zero (Han et al. 2015); 0 = none. */
  readonly sparsity: number
  /** Values that a kernel may have, 2 .. 255 (Han et al. 2016); undefined = any. */
  readonly clusters: number | undefined
}

/** The network with fewer different weights. Sizes of weights are counted in steps of their channel, which batch norm makes comparable. */
export const shrinkModel = (model: QuantizedModel, { sparsity, clusters }: Shrink): QuantizedModel => ({
  ...model,
  layers: model.layers.map((layer) => {
    if (!layer) return undefined
    const shrunk = ({ weights, weightScales }: QuantizedKernel): QuantizedKernel => {
      const sparse = withoutSmallest(weights, Math.floor(weights.length * sparsity))
      return { weights: clusters === undefined ? sparse : sharing(sparse, clusters, sparsity > 0), weightScales }
    }
    const [first, ...others] = layer.kernels
    return { ...layer, kernels: [shrunk(first), ...others.map(shrunk)] }
  }),
})

/** Zeros of the kernels as a share of their weights. */
export function sparsityOf({ layers }: QuantizedModel): number {
  const kernels = layers.flatMap((layer) => layer?.kernels.map(({ weights }) => weights) ?? [])
  const zeros = kernels.reduce((sum, k) => sum + k.filter((q) => q === 0).length, 0)
  return zeros / kernels.reduce((sum, k) => sum + k.length, 0)
}

/** The `drop` weights of least magnitude become zero, of equal ones those of higher index first. */
function withoutSmallest(weights: Int8Array, drop: number): Int8Array {
  const order = [...weights.keys()].sort((a, b) => Math.abs(weights[a]!) - Math.abs(weights[b]!) || b - a)
  const result = weights.slice()
  for (const k of order.slice(0, drop)) result[k] = 0
  return result
}

const mostRounds = 50

/**
 * k-means of one dimension by Lloyd's rounds from evenly spaced values (the start that Han et al. found best): each weight becomes the rounded mean of its
 * cluster. `keepZeros`: zero is one of the values, and no other weight becomes it or leaves it.
 */
function sharing(weights: Int8Array, clusters: number, keepZeros: boolean): Int8Array {
  const counts = new Float64Array(256)
  for (const q of weights) if (!keepZeros || q !== 0) counts[q + 128]!++
  const used = [...counts.keys()].filter((i) => counts[i]! > 0)
  if (used.length === 0) return weights
  const n = keepZeros ? clusters - 1 : clusters
  const [low, high] = [used[0]!, used.at(-1)!]
  const centres = Float64Array.from({ length: n }, (_, i) => (n === 1 ? (low + high) / 2 : low + ((high - low) * i) / (n - 1)))
  const nearest = new Int32Array(256)
  for (let round = 0, moved = true; moved && round < mostRounds; round++) {
    moved = false
    const sums = new Float64Array(n)
    const sizes = new Float64Array(n)
    for (const i of used) {
      let best = 0
      for (let k = 1; k < n; k++) if (Math.abs(centres[k]! - i) < Math.abs(centres[best]! - i)) best = k
      if (nearest[i] !== best) moved = true
      nearest[i] = best
      sums[best]! += counts[i]! * i
      sizes[best]! += counts[i]!
    }
    for (let k = 0; k < n; k++) if (sizes[k]! > 0) centres[k] = sums[k]! / sizes[k]!
  }
  return weights.map((q) => (keepZeros && q === 0 ? 0 : roundAway(centres[nearest[q + 128]!]! - 128)))
}
