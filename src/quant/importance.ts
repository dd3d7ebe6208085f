import { type Graph, hasBatchNorm, hasWeights, outputOf } from '../graph/graph.ts'
import { type Weights, weightName } from '../graph/weights.ts'
import { kernelChannel, parameter } from './fold.ts'

/**
 * `l1`: sum of the kernel's magnitudes (Li et al. 2017). `gamma`: |gamma| (Liu et al. 2017). `taylor`: first-order change of the loss when
 * the channel is removed (Molchanov et al. 2019), taken at the batch norm, because a kernel before batch norm is orthogonal to its gradient; its
 * magnitude is averaged over `gradients`, one entry a batch. Dense layers have no batch norm: `gamma` reads their kernel's magnitude, `taylor` their kernel and bias.
 */
export const importances = ['l1', 'gamma', 'taylor'] as const
export type Importance = (typeof importances)[number]

/** Importance of each output channel of weighted operator i, scaled to mean 1 so that layers of one group have equal votes. */
export function channelImportance(
  graph: Graph,
  i: number,
  weights: Weights,
  importance: Importance,
  gradients: readonly Weights[] = [],
): Float64Array {
  const op = graph.ops[i]!
  if (!hasWeights(op)) throw new RangeError(`operator ${i} (${op.kind}) has no weights`)
  const channels = graph.shapes[outputOf(i)]![2]
  const get = (part: Parameters<typeof weightName>[1]) => parameter(weights, weightName(i, part))
  const scores = new Float64Array(channels)
  if (importance === 'taylor') {
    if (gradients.length === 0) throw new RangeError('taylor importance needs gradients')
    const change = new Float64Array(channels)
    for (const batch of gradients) {
      change.fill(0)
      for (const part of hasBatchNorm(op) ? (['gamma', 'beta'] as const) : (['kernel', 'bias'] as const)) {
        const gradient = parameter(batch, weightName(i, part))
        const channelOf = kernelChannel(op.kind, channels, gradient.length)
        get(part).forEach((w, k) => {
          change[channelOf(k)]! += w * gradient[k]!
        })
      }
      for (let c = 0; c < channels; c++) scores[c]! += Math.abs(change[c]!)
    }
  } else if (importance === 'gamma' && hasBatchNorm(op)) scores.set(get('gamma').map(Math.abs))
  else {
    const kernel = get('kernel')
    const channelOf = kernelChannel(op.kind, channels, kernel.length)
    for (let k = 0; k < kernel.length; k++) scores[channelOf(k)]! += Math.abs(kernel[k]!)
  }
  const mean = scores.reduce((a, b) => a + b, 0) / channels
  return mean > 0 ? scores.map((s) => s / mean) : scores
}
