import { buildGraph } from '../graph/build.ts'
import { type Graph, outputOf } from '../graph/graph.ts'
import { resized, widthOf } from '../graph/traits.ts'

/** Channel counts on the way are multiples of this: what a SIMD register holds. */
const multiple = 4

/**
 * The networks that gradual pruning passes on its way from `unpruned` to `pruned`, the last one `pruned` itself: after round i of n, 1 - (1 - i/n)^3
 * of what goes is gone, most of it early (Zhu & Gupta 2017). The graphs have the same operators and differ in channel counts only.
 */
export function gradualCuts(unpruned: Graph, pruned: Graph, rounds: number): Graph[] {
  const between = (share: number): Graph =>
    buildGraph(
      unpruned.shapes[0]!,
      unpruned.ops.map((op, i) =>
        widthOf(unpruned, i) === 'free' ? resized(op, channelsAt(widthAt(unpruned, i), widthAt(pruned, i), share)) : op,
      ),
    )
  return Array.from({ length: rounds }, (_, i) => {
    const left = 1 - (i + 1) / rounds
    return left === 0 ? pruned : between(1 - left * left * left)
  })
}

function channelsAt(full: number, kept: number, share: number): number {
  return Math.max(kept, Math.min(full, multiple * Math.round((full - share * (full - kept)) / multiple)))
}

const widthAt = (graph: Graph, i: number): number => graph.shapes[outputOf(i)]![2]
