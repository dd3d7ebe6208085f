import { tflmArena } from '../graph/arena.ts'
import type { Graph, OpKind } from '../graph/graph.ts'
import { operators } from '../graph/operators.ts'
import { overlappedPeak } from '../graph/overlap.ts'
import { plannedBytes } from '../graph/planned.ts'
import { stateBytes, weightBitsOf } from '../graph/traits.ts'
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
  const { int4 } = target.runtime
  const { core, shared, ops } = target.runtime.code
  let bytes = core
  let sharing = false
  for (const [kind, bits] of kindsOf(graph)) {
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
const kindsOf = ofLast(({ ops }) => {
  const kinds = new Map<OpKind, Set<8 | 4>>()
  for (let i = 0; i < ops.length; i++) {
    const { kind } = ops[i]!
    let bits = kinds.get(kind)
    if (!bits) kinds.set(kind, (bits = new Set()))
    bits.add(weightBitsOf(ops[i]!))
  }
  return [...kinds]
})
