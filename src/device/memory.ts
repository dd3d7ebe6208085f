import { tflmArena } from '../graph/arena.ts'
import type { Graph, OpKind } from '../graph/graph.ts'
import { overlappedPeak } from '../graph/overlap.ts'
import { plannedBytes } from '../graph/planned.ts'
import type { Target } from './schema.ts'

/** RAM that the network takes on this runtime: what a firmware must reserve for arena and runtime. */
export function ramBytes(graph: Graph, target: Target): number {
  const { ram } = target.runtime
  switch (ram.rule) {
    case 'tflm':
      return tflmArena(graph, { kernels: ram.kernels, abi: target.device.abi }).requiredBytes + ram.extraBytes
    case 'static':
      return plannedBytes(graph, null) + ram.extraBytes
    case 'overlapping':
      return overlappedPeak(graph, ram.streamUpTo) + ram.extraBytes
  }
}

const kinds = new Set<OpKind>()

/** Code of the runtime with exactly the operators this network uses. */
export function codeBytes(graph: Graph, target: Target): number {
  const { core, shared, ops } = target.runtime.code
  kinds.clear()
  for (let i = 0; i < graph.ops.length; i++) kinds.add(graph.ops[i]!.kind)
  let bytes = core
  let sharing = false
  for (const kind of kinds) {
    const own = ops[kind] ?? 0
    // each figure was measured with the operator alone, so it holds the helpers that all of them share
    const takesShared = kind !== 'reshape' && own > shared
    bytes += takesShared ? own - shared : own
    sharing ||= takesShared
  }
  return bytes + (sharing ? shared : 0)
}
