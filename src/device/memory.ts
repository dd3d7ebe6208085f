import { tflmArena } from '../graph/arena.ts'
import type { Graph, OpKind } from '../graph/graph.ts'
import { operators } from '../graph/operators.ts'
import { overlappedPeak } from '../graph/overlap.ts'
import { plannedBytes } from '../graph/planned.ts'
import { stateBytes, weightBitsOf } from '../graph/traits.ts'
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
      return `${ram.streamUpTo} ${ram.inputStreamUpTo}`
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
      return overlappedPeak(graph, ram.streamUpTo, ram.inputStreamUpTo) + stateBytes(graph)
    case 'accelerator':
      return Math.ceil(ram.factor * plannedBytes(graph, null)) + stateBytes(graph)
  }
}

/** Code of the runtime with exactly the operators this network uses; of an accelerator, those it leaves to the CPU, the driver and the commands. */
export function codeBytes(graph: Graph, target: Target): number {
  const { accelerator, driverBytes = 0, opBytes = 0, int4, code } = target.runtime
  const { core, shared, ops } = code
  let bytes = core + driverBytes
  let sharing = false
  let kinds = kindsOf(graph)
  if (accelerator !== undefined) {
    const left = onCpu(graph, accelerator)
    bytes += opBytes * (graph.ops.length - left.length)
    kinds = kindsAmong(left.map((i) => graph.ops[i]!))
  }
  for (const [kind, bits] of kinds) {
    const narrow = bits.has(4) ? int4?.code[kind] : undefined
    // kernels for weights in 8 bits run those in 4 as well, unless there are others
    const wide = bits.has(8) || narrow === undefined ? (ops[kind] ?? 0) : undefined
    for (const own of [wide, narrow]) {
      if (own === undefined) continue
      // each figure was measured with the operator alone, so it holds the helpers that all of them share
      const takesShared = !operators[kind].view && own > shared
      bytes += takesShared ? own - shared : own
      sharing ||= takesShared
    }
  }
  return bytes + (sharing ? shared : 0)
}

/** The kinds of operators, and how many bits their weights have. */
/** Each kind of operator, with the widths of weights that it has. */
function kindsAmong(ops: Graph['ops']): [OpKind, Set<8 | 4>][] {
  const kinds = new Map<OpKind, Set<8 | 4>>()
  for (let i = 0; i < ops.length; i++) {
    const { kind } = ops[i]!
    let bits = kinds.get(kind)
    if (!bits) kinds.set(kind, (bits = new Set()))
    bits.add(weightBitsOf(ops[i]!))
  }
  return [...kinds]
}

const kindsOf = ofLast(({ ops }) => kindsAmong(ops))
