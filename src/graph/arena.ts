import type { Graph } from './graph.ts'
import { greedyPlan } from './greedy-plan.ts'
import { constantTensors, persistentBytes, prepareBytes } from './persistent.ts'
import { plannedBuffers } from './planned.ts'
import { type AbiName, abis, type KernelSet } from './tflm-abi.ts'
import { stateTensors } from './traits.ts'

export { constantTensors } from './persistent.ts'
export { type MemoryMap, memoryMap, type Placement } from './planned.ts'
export type { AbiName, KernelSet } from './tflm-abi.ts'

export type ArenaOptions = {
  readonly kernels: KernelSet
  readonly abi: AbiName
  /** Whether operator i, a dense layer, has one weight scale per unit (default: one per tensor). */
  readonly perChannelDense?: (opIndex: number) => boolean
  /** Constant tensors of the file; default: those our writer emits. Imported files may share or omit some. */
  readonly constants?: number
}

export type Arena = {
  /** what `MicroInterpreter::arena_used_bytes()` returns after AllocateTensors() */
  readonly usedBytes: number
  /** the smallest arena (a multiple of 16) with which AllocateTensors() succeeds: what a firmware must reserve */
  readonly requiredBytes: number
  /** structures, per-channel multipliers and shifts */
  readonly persistentBytes: number
  /** activations and scratch */
  readonly plannedBytes: number
}

/**
 * The memory that TFLite-Micro (commit 90b983c2, greedy planner, one subgraph) takes for this network, to the byte. Structures grow down from
 * the arena's tail, planned buffers up from its head; while the plan is made its own tables must fit between them.
 */
export function tflmArena(graph: Graph, options: ArenaOptions): Arena {
  const abi = abis[options.abi]
  const buffers = plannedBuffers(graph, options.kernels)
  const plannedBytes = greedyPlan(buffers, offsetsFor(buffers.count))
  const scratches = buffers.count - graph.shapes.length
  const tensors = graph.shapes.length + (options.constants ?? constantTensors(graph)) + stateTensors(graph)
  const { abi: name, kernels, perChannelDense } = options
  const tailOptions = { abi: name, kernels, tensors, scratches, perChannelDense }
  const tail = persistentBytes(graph, tailOptions)
  const usedBytes = tail.total + plannedBytes
  const requestBytes = up(abi.scratchRequest * (scratches + 12), abi.pointer) + abi.pointer
  const tables = up(requestBytes + abi.allocationInfo * (tensors + scratches), 16) + 40 * buffers.count
  let requiredBytes = Math.max(up(usedBytes, 16), up(up(tail.atPlanning, 16) + tables, 16))
  // only a plan smaller than the structures of one operator can be outdone by them
  if (plannedBytes < 1024 + 16 * scratches + 96 * widest(graph))
    requiredBytes = Math.max(requiredBytes, prepareBytes(graph, tailOptions))
  return { usedBytes, requiredBytes, persistentBytes: tail.total, plannedBytes }
}

/** Most channels of any tensor, or inputs of any operator. */
function widest(graph: Graph): number {
  let n = 0
  for (let t = 0; t < graph.shapes.length; t++) n = Math.max(n, graph.shapes[t]![2])
  for (let i = 0; i < graph.ops.length; i++) n = Math.max(n, graph.ops[i]!.inputs.length)
  return n
}

let offsets = new Int32Array(256)
const offsetsFor = (count: number): Int32Array => {
  if (offsets.length < count) offsets = new Int32Array(2 * count)
  return offsets
}

const up = (n: number, align: number): number => (n + align - 1) & -align
