import { elements, type Graph } from './graph.ts'
import { type Buffers, greedyPlan } from './greedy-plan.ts'
import { fillLiveness } from './liveness.ts'
import { scratchOf } from './scratch.ts'
import type { KernelSet } from './tflm-abi.ts'

/** One buffer of the planned part of an arena: an activation (`tensor`) or the scratch of an operator (`op`). Times: see liveness.ts. */
export type Placement = {
  readonly tensor: number | null
  readonly op: number | null
  readonly offset: number
  readonly size: number
  readonly first: number
  readonly last: number
}

/** Where each buffer lies, and the operator during which most bytes are in use. */
export type MemoryMap = {
  readonly totalBytes: number
  readonly placements: readonly Placement[]
  readonly peak: { readonly op: number; readonly bytes: number }
}

/**
 * TFLite-Micro's plan of activations and scratch, as data. `kernels: null` leaves scratch out: the plan of a static arena
 * (our generated C), which keeps nothing else.
 */
export function memoryMap(graph: Graph, kernels: KernelSet | null): MemoryMap {
  const buffers = plannedBuffers(graph, kernels)
  const totalBytes = greedyPlan(buffers, offsets)
  const placements = Array.from({ length: buffers.count }, (_, k) => ({
    tensor: k < graph.shapes.length ? k : null,
    op: k < graph.shapes.length ? null : firsts[k]! - 1,
    offset: offsets[k]!,
    size: sizes[k]!,
    first: firsts[k]!,
    last: lasts[k]!,
  }))
  let peak = { op: 0, bytes: 0 }
  for (let op = 0; op < graph.ops.length; op++) {
    const bytes = placements.reduce((sum, p) => sum + (p.first <= op + 1 && p.last >= op + 1 ? p.size : 0), 0)
    if (bytes > peak.bytes) peak = { op, bytes }
  }
  return { totalBytes, placements, peak }
}

/** Bytes of that plan alone, and the number of scratch buffers in it. */
export function plannedBytes(graph: Graph, kernels: KernelSet | null): number {
  return greedyPlan(plannedBuffers(graph, kernels), offsets)
}

// work space, reused between calls: the search plans tens of thousands of networks a second
let sizes = new Int32Array(256)
let firsts = new Int32Array(256)
let lasts = new Int32Array(256)
let offsets = new Int32Array(256)

/** Tensors by id, then scratch requests by operator, sizes rounded up to 16 as TFLM does. Valid until the next call. */
export function plannedBuffers(graph: Graph, kernels: KernelSet | null): Buffers {
  const { ops, shapes } = graph
  const room = shapes.length + 3 * ops.length
  if (sizes.length < room) {
    sizes = new Int32Array(2 * room)
    firsts = new Int32Array(2 * room)
    lasts = new Int32Array(2 * room)
    offsets = new Int32Array(2 * room)
  }
  fillLiveness(graph, firsts, lasts)
  for (let t = 0; t < shapes.length; t++) sizes[t] = up16(elements(shapes[t]!))
  let count = shapes.length
  for (let i = 0; kernels !== null && i < ops.length; i++)
    for (const bytes of scratchOf(graph, i, kernels)) {
      sizes[count] = up16(bytes)
      firsts[count] = i + 1
      lasts[count] = i + 1
      count++
    }
  return { count, size: sizes, first: firsts, last: lasts }
}

const up16 = (n: number): number => (n + 15) & ~15
