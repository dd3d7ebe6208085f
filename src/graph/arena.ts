import type { Graph } from './graph.ts'
import { greedyPlan } from './greedy-plan.ts'
import { constantTensors, persistent } from './persistent.ts'
import { plannedBuffers } from './planned.ts'
import { type AbiName, abis, type KernelSet } from './tflm-abi.ts'

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
  const constants = options.constants ?? constantTensors(graph)
  const tail = persistent(graph, abi, options.kernels, buffers, constants, options.perChannelDense)
  const plannedBytes = greedyPlan(buffers, offsetsFor(buffers.count))
  const usedBytes = tail.total + plannedBytes
  const requests = buffers.count - graph.shapes.length
  const requestBytes = up(abi.scratchRequest * (requests + 12), abi.pointer) + abi.pointer
  const tables = up(requestBytes + abi.allocationInfo * (tail.tensors + requests), 16) + 40 * buffers.count
  const requiredBytes = Math.max(up(usedBytes, 16), up(up(tail.beforeInputs, 16) + tables, 16), tail.prepareBytes)
  return { usedBytes, requiredBytes, persistentBytes: tail.total, plannedBytes }
}

let offsets = new Int32Array(256)
const offsetsFor = (count: number): Int32Array => {
  if (offsets.length < count) offsets = new Int32Array(2 * count)
  return offsets
}

const up = (n: number, align: number): number => Math.ceil(n / align) * align
