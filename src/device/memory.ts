import { tflmArena } from '../graph/arena.ts'
import type { Graph, OpKind } from '../graph/graph.ts'
import { operators } from '../graph/operators.ts'
import { overlappedPeak } from '../graph/overlap.ts'
import { plannedBytes } from '../graph/planned.ts'
import { stateBytes } from '../graph/traits.ts'
import { onCpu } from './accelerator/mapping.ts'
import { ofLast } from './of-last.ts'
import type { Device, Runtime, Target } from './schema.ts'

/** RAM that the network takes on this runtime: what a firmware must reserve for arena and runtime. */
export function ramBytes(graph: Graph, { device, runtime: { ram } }: Target): number {
  const known = plansOf(graph)
  const key = planKey(ram, device)
  let bytes = known.get(key)
  if (bytes === undefined) {
    bytes = plan(graph, ram, device)
    known.set(key, bytes)
  }
  return bytes + ram.extraBytes
}

/** What decides about a plan besides the network. */
function planKey(ram: Runtime['ram'], { abi }: Device): string {
  switch (ram.rule) {
    case 'tflm':
      return `${ram.kernels} ${abi}`
    case 'static':
      return ram.rule
    case 'overlapping':
      return `${ram.streamUpTo}`
    case 'accelerator':
      return `${ram.rule} ${ram.factor}`
  }
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
    case 'accelerator':
      return Math.ceil(ram.factor * plannedBytes(graph, null)) + stateBytes(graph)
  }
}

/** Code of the runtime with exactly the operators this network uses; of an accelerator, those it leaves to the CPU, the driver and the commands. */
export function codeBytes(graph: Graph, target: Target): number {
  const { accelerator, driverBytes = 0, opBytes = 0, code } = target.runtime
  const { core, shared, ops } = code
  let bytes = core + driverBytes
  let sharing = false
  let kinds: Iterable<OpKind> = kindsOf(graph)
  if (accelerator !== undefined) {
    const left = onCpu(graph, accelerator)
    bytes += opBytes * (graph.ops.length - left.length)
    kinds = new Set(left.map((i) => graph.ops[i]!.kind))
  }
  for (const kind of kinds) {
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
