import { type Graph, outputOf } from '../graph/graph.ts'
import { hasBatchNorm, hasWeights, kernelsOf } from '../graph/traits.ts'
import { type FloatPart, type Weights, weightName } from '../graph/weights.ts'
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
  const get = (part: FloatPart) => parameter(weights, weightName(i, part))
  const kernels = kernelsOf(graph, i).map((tensor) => ({ part: tensor.part, channelOf: kernelChannel(tensor) }))
  const vector = (part: FloatPart) => ({ part, channelOf: (c: number) => c })
  const scores = new Float64Array(channels)
  if (importance === 'taylor') {
    if (gradients.length === 0) throw new RangeError('taylor importance needs gradients')
    const parts = hasBatchNorm(op) ? [vector('gamma'), vector('beta')] : [...kernels, vector('bias')]
    const change = new Float64Array(channels)
    for (const batch of gradients) {
      change.fill(0)
      for (const { part, channelOf } of parts) {
        const gradient = parameter(batch, weightName(i, part))
        get(part).forEach((w, k) => {
          change[channelOf(k)]! += w * gradient[k]!
        })
      }
      for (let c = 0; c < channels; c++) scores[c]! += Math.abs(change[c]!)
    }
  } else if (importance === 'gamma' && hasBatchNorm(op)) scores.set(get('gamma').map(Math.abs))
  else
    for (const { part, channelOf } of kernels)
      get(part).forEach((w, k) => {
        scores[channelOf(k)]! += Math.abs(w)
      })
  const mean = scores.reduce((a, b) => a + b, 0) / channels
  return mean > 0 ? scores.map((s) => s / mean) : scores
}
