import { type Graph, type Op, type OpOf, padBefore, type Shape } from '../graph/graph.ts'
import { greedyPlan } from '../graph/greedy-plan.ts'
import { liveness } from '../graph/liveness.ts'
import { operators } from '../graph/operators.ts'
import { hasWeights, isWindowed } from '../graph/traits.ts'

/** Kernels write up to three surplus pixels and read or write up to one surplus vector behind a tensor. */
export const roomFor = (pixels: number, channels: number): number => Math.ceil(((pixels + 3) * channels * 2 + 64) / 16) * 16

/** The zero frame that a convolution reads: input rows and columns and the padding around them. */
export type Frame = { readonly top: number; readonly left: number; readonly h: number; readonly w: number }

/** undefined where no window leaves the map. */
export function frameOf(op: OpOf<'conv2d' | 'depthwise'>, [h, w]: Shape, [oh, ow]: Shape): Frame | undefined {
  const top = padBefore(h, op.kernel[0], op.stride[0], oh, op.padding)
  const left = padBefore(w, op.kernel[1], op.stride[1], ow, op.padding)
  const frame = {
    top,
    left,
    h: Math.max(top + h, (oh - 1) * op.stride[0] + op.kernel[0]),
    w: Math.max(left + w, (ow - 1) * op.stride[1] + op.kernel[1]),
  }
  return frame.h === h && frame.w === w ? undefined : frame
}

/** Byte offsets of the tensors and of each operator's scratch (channels repeated, then framed) for `batch` examples. */
export type Layout = {
  readonly tensors: readonly number[]
  readonly scratch: readonly { readonly repeated: number; readonly framed: number }[]
  readonly bytes: number
}

/** `keep` gives every tensor memory of its own; otherwise memory is reused once nothing reads it. A reshape shares its input's memory. */
export function layOut(graph: Graph, batch: number, keep: boolean): Layout {
  const alive = liveness(graph)
  const storage = graph.shapes.map((_, t) => t)
  graph.ops.forEach((op, i) => {
    if (operators[op.kind].view) storage[i + 1] = storage[op.inputs[0]]!
  })
  const n = graph.shapes.length
  const count = n + 2 * graph.ops.length
  const buffers = { count, size: new Int32Array(count), first: new Int32Array(count), last: new Int32Array(count) }
  graph.shapes.forEach(([h, w, c], t) => {
    const s = storage[t]!
    if (s === t) {
      buffers.size[t] = roomFor(batch * h * w, c)
      buffers.first[t] = keep ? 0 : alive.first[t]!
    }
    buffers.last[s] = keep ? n : Math.max(buffers.last[s]!, alive.last[t]!)
  })
  graph.ops.forEach((op, i) => {
    const { repeated, framed } = scratchBytes(graph, op, i, batch)
    for (const [k, size] of [repeated, framed].entries()) {
      buffers.size[n + 2 * i + k] = size
      buffers.first[n + 2 * i + k] = buffers.last[n + 2 * i + k] = i + 1
    }
  })
  const offsets = new Int32Array(count)
  const bytes = greedyPlan(buffers, offsets)
  return {
    tensors: storage.map((t) => offsets[t]!),
    scratch: graph.ops.map((_, i) => ({ repeated: offsets[n + 2 * i]!, framed: offsets[n + 2 * i + 1]! })),
    bytes,
  }
}

function scratchBytes(graph: Graph, op: Op, i: number, batch: number): { repeated: number; framed: number } {
  if (!hasWeights(op) || !isWindowed(op)) return { repeated: 0, framed: 0 }
  const input = graph.shapes[op.inputs[0]]!
  // a kernel that ends in its output channels reads as many: those of the input are repeated
  const channels = operators[op.kind].kernels[0].channels === 'last' ? graph.shapes[i + 1]![2] : input[2]
  const frame = frameOf(op, input, graph.shapes[i + 1]!)
  return {
    repeated: channels === input[2] ? 0 : roomFor(batch * input[0] * input[1], channels),
    framed: frame ? roomFor(batch * frame.h * frame.w, channels) : 0,
  }
}
