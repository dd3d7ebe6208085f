import { tflmArena } from '../graph/arena.ts'
import { elements, type Graph, type OpKind } from '../graph/graph.ts'
import { liveness } from '../graph/liveness.ts'
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
    case 'in-place-depthwise':
      return inPlacePeak(graph) + ram.extraBytes
    case 'overlapping':
      return inPlacePeak(graph) + ram.extraBytes
  }
}

/** Most bytes alive at once when a depthwise layer writes over its own input (TinyEngine), input and output included. */
export function inPlacePeak(graph: Graph): number {
  const { first, last } = liveness(graph)
  let peak = 0
  graph.ops.forEach((op, i) => {
    const time = i + 1
    let live = 0
    for (let t = 0; t <= time; t++) if (first[t]! <= time && last[t]! >= time) live += elements(graph.shapes[t]!)
    const source = op.inputs[0]!
    if (op.kind === 'depthwise' && op.multiplier === 1 && last[source] === time)
      live -= Math.min(elements(graph.shapes[source]!), elements(graph.shapes[time]!))
    peak = Math.max(peak, live)
  })
  return peak
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
