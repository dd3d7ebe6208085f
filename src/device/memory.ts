import { tflmArena } from '../graph/arena.ts'
import type { Graph, OpKind } from '../graph/graph.ts'
import { operators } from '../graph/operators.ts'
import { overlappedPeak } from '../graph/overlap.ts'
import { plannedBytes } from '../graph/planned.ts'
import { stateBytes } from '../graph/traits.ts'
import { ofLast } from './of-last.ts'
import type { Device, Runtime, Target } from './schema.ts'

/** RAM that the network takes on this runtime: what a firmware must reserve for arena and runtime. */
export function ramBytes(graph: Graph, { device, runtime: { ram } }: Target): number {
  const known = plansOf(graph)
  const key = ram.rule === 'tflm' ? `${ram.kernels} ${device.abi}` : ram.rule === 'static' ? ram.rule : `${ram.streamUpTo}`
  let bytes = known.get(key)
  if (bytes === undefined) {
    bytes = plan(graph, ram, device)
    known.set(key, bytes)
  }
  return bytes + ram.extraBytes
}

/** Plans that were made already, by what decides about them besides the network. */
const plansOf = ofLast(() => new Map<string, number>())

function plan(graph: Graph, ram: Runtime['ram'], { abi }: Device): number {
  switch (ram.rule) {
    case 'tflm':
      return tflmArena(graph, { kernels: ram.kernels, abi }).requiredBytes
    case 'static':
      return plannedBytes(graph, null) + stateBytes(graph)
    case 'overlapping':
      return overlappedPeak(graph, ram.streamUpTo) + stateBytes(graph)
  }
}

/** Code of the runtime with exactly the operators this network uses. */
export function codeBytes(graph: Graph, target: Target): number {
  const { core, shared, ops } = target.runtime.code
  let bytes = core
  let sharing = false
  for (const kind of kindsOf(graph)) {
    const own = ops[kind] ?? 0
    // each figure was measured with the operator alone, so it holds the helpers that all of them share
    const takesShared = !operators[kind].view && own > shared
    bytes += takesShared ? own - shared : own
    sharing ||= takesShared
  }
  return bytes + (sharing ? shared : 0)
}

const kindsOf = ofLast(({ ops }) => {
  const kinds = new Set<OpKind>()
  for (let i = 0; i < ops.length; i++) kinds.add(ops[i]!.kind)
  return [...kinds]
})
