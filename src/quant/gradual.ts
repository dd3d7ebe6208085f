import { buildGraph } from '../graph/build.ts'
import type { Graph, Op } from '../graph/graph.ts'

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
      unpruned.ops.map((op, i) => partOf(op, pruned.ops[i]!, share)),
    )
  return Array.from({ length: rounds }, (_, i) => {
    const left = 1 - (i + 1) / rounds
    return left === 0 ? pruned : between(1 - left * left * left)
  })
}

function partOf(op: Op, cut: Op, share: number): Op {
  const channels = (full: number, kept: number) =>
    Math.max(kept, Math.min(full, multiple * Math.round((full - share * (full - kept)) / multiple)))
  if (op.kind === 'conv2d' && cut.kind === 'conv2d') return { ...op, channels: channels(op.channels, cut.channels) }
  if (op.kind === 'dense' && cut.kind === 'dense') return { ...op, units: channels(op.units, cut.units) }
  return op
}
