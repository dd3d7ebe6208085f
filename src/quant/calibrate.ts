import type { Graph, TensorId } from '../graph/graph.ts'
import { operators } from '../graph/operators.ts'
import { type Histogram, histogram, percentileRange, type Range, smallestErrorRange } from './histogram.ts'

/** By tensor id; undefined for a tensor that was never observed (a final softmax, which the engine leaves to the loss). */
export type TensorRanges = readonly (Range | undefined)[]
/** `mse` weighs rounding error inside the range against clipping error outside; `percentile` leaves out a share of the values, half at each end. */
export type RangeMethod = 'minMax' | 'mse' | { readonly percentile: number }

/** Collects the distribution of every tensor over any number of batches; the order of batches and merges does not matter. */
export type RangeCollector = {
  /** The callback of `Trainer.observe`. Throws RangeError on NaN or infinity. */
  readonly visit: (tensor: TensorId, values: Float32Array) => void
  /** Adds what another collector of the same graph has seen. */
  merge(other: RangeCollector): void
  /** Default `mse`. Network input, logits and softmax inputs always keep their full range: clipping there makes ties of winners. */
  ranges(method?: RangeMethod): TensorRanges
  readonly histograms: readonly Histogram[]
}

export function createRangeCollector(graph: Graph): RangeCollector {
  const histograms = graph.shapes.map(() => histogram())
  const last = graph.shapes.length - 1
  const whole = new Set([0, last, ...graph.ops.flatMap((op) => (operators[op.kind].trainable === 'inLoss' ? op.inputs : []))])
  return {
    histograms,
    visit: (tensor, values) => histograms[tensor]!.add(values),
    merge: (other) => {
      histograms.forEach((h, t) => {
        h.merge(other.histograms[t]!)
      })
    },
    ranges: (method = 'mse') =>
      histograms.map((h, t) => {
        if (h.count === 0) return undefined
        if (method === 'minMax' || whole.has(t)) return { min: h.min, max: h.max }
        return method === 'mse' ? smallestErrorRange(h) : percentileRange(h, method.percentile)
      }),
  }
}
