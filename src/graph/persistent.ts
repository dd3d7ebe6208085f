import type { Graph, Op, OpKind, Shape } from './graph.ts'
import { operators, rowOf } from './operators.ts'
import { scratchOf } from './scratch.ts'
import { constantShapes } from './tflite-layout.ts'
import { type Abi, type AbiName, type ArenaTables, abis, arenaTables, type KernelSet } from './tflm-abi.ts'
import { hasWeights, isPerChannel, statesOf, weightBitsOf } from './traits.ts'

/** Constants our writer emits besides the activations: weights and bias, axes of MEAN, shape of RESHAPE, paddings of PAD. */
export function constantTensors(graph: Graph): number {
  let n = 0
  for (let i = 0; i < graph.ops.length; i++) n += constantsOf[graph.ops[i]!.kind]
  return n
}

const constantsOf = Object.fromEntries(
  (Object.keys(operators) as OpKind[]).map((kind) => {
    const kernels = operators[kind].kernels.length
    return [kind, (kernels > 0 ? kernels + 1 : 0) + (constantShapes[kind] ? 1 : 0)]
  }),
) as Readonly<Record<OpKind, number>>

/** What decides about the arena's tail besides the network. */
export type TailOptions = {
  readonly abi: AbiName
  readonly kernels: KernelSet
  readonly tensors: number
  readonly scratches: number
  readonly perChannelDense: ((opIndex: number) => boolean) | undefined
}

/**
 * What TFLite-Micro keeps at the arena's tail, allocation by allocation in its own order: bytes after AllocateTensors, and bytes when the plan
 * is made, before the input and output structures.
 */
export function persistentBytes(graph: Graph, options: TailOptions): { readonly total: number; readonly atPlanning: number } {
  const abi = abis[options.abi]
  const tables = arenaTables[options.abi][options.kernels]
  const a = abi.pointer
  let used = beforeOperators(graph, abi, tables, options.tensors)
  for (let i = 0; i < graph.ops.length; i++) used = prepared(graph, i, used, options)
  if (options.scratches > 0) used = up(used + abi.scratchHandle * options.scratches, a)
  const atPlanning = used
  for (let end = 0; end < 2; end++) used = up(up(up(up(used + a, 16) + abi.tensor, a) + abi.affine, a) + 8, 4) // input, output
  return { total: used, atPlanning }
}

/** Allocator objects, eval tensors, nodes; parsed options of every operator, then what every operator's Init keeps. */
function beforeOperators(graph: Graph, abi: Abi, tables: ArenaTables, tensors: number): number {
  const { ops } = graph
  const a = abi.pointer
  let used = 0
  for (let i = 0; i < abi.objects.length; i++) used = up(used + abi.objects[i]!, a)
  used = up(used + abi.subgraph, a)
  used = up(used + abi.evalTensor * tensors, a)
  used = up(used + abi.node * ops.length, a)
  for (let i = 0; i < ops.length; i++) {
    const [bytes, align] = abi.options[ops[i]!.kind]
    if (bytes > 0) used = up(used + bytes, align)
  }
  for (let i = 0; i < ops.length; i++) {
    const bytes = tables[ops[i]!.kind]
    if (bytes > 0) used = up(used + bytes, 16)
  }
  return used
}

/**
 * What operator i's Prepare keeps: multipliers and shifts per output channel, unless one scale serves all; sums of dense weights on MVE; and its states,
 * which the allocator puts there as variables.
 */
function prepared(graph: Graph, i: number, used: number, { kernels, perChannelDense }: TailOptions): number {
  const op = graph.ops[i]!
  const { weightScales, states } = rowOf(op)
  let next = used
  if (weightScales !== 'none') {
    const channels = 4 * graph.shapes[i + 1]![2]
    if (weightScales === 'perChannel' || perChannelDense?.(i) === true) next = up(up(next + channels, 16) + channels, 16)
    if (kernels === 'cmsis-nn-mve' && sumsWeights[op.kind] && weightBitsOf(op) === 8) next = up(next + channels, 16)
  }
  if (states.length > 0) for (const bytes of statesOf(graph, i)) next = up(next + bytes, 16)
  return next
}

/** Whether MVE kernels keep the sums of an operator's weights, where those have 8 bits. */
const sumsWeights: Readonly<Record<OpKind, boolean>> = {
  conv2d: false,
  depthwise: false,
  dense: true,
  add: false,
  mul: false,
  averagePool: false,
  maxPool: false,
  mean: false,
  softmax: false,
  reshape: false,
  pad: false,
  concat: false,
  quantize: false,
  hardSwish: false,
}

/**
 * Arena needed while operators prepare themselves, before anything is planned: structures that an operator holds for a moment and the scratch
 * requests so far. Decides only for networks below about 1.5 kB.
 */
export function prepareBytes(graph: Graph, options: TailOptions): number {
  const abi = abis[options.abi]
  let used = beforeOperators(graph, abi, arenaTables[options.abi][options.kernels], options.tensors)
  let requests = 0
  let most = 0
  for (let i = 0; i < graph.ops.length; i++) {
    used = prepared(graph, i, used, options)
    const held = temporaries(graph.ops[i]!, graph.shapes[i + 1]!, abi, options.perChannelDense?.(i) === true)
    most = Math.max(most, up(used + abi.scratchRequest * (requests + 12) + held, 16))
    requests += scratchOf(graph, i, options.kernels).length
  }
  return most
}

/** TfLiteTensor structures that an operator holds while it prepares itself. */
function temporaries(op: Op, output: Shape, abi: Abi, perChannelDense: boolean): number {
  const { activations, weights = 0, unquantised = 0 } = held[op.kind]
  const scales = hasWeights(op) && isPerChannel(op, perChannelDense) ? output[2] : 1
  const one = tensorBytes(abi, 1)
  return (
    (activations === 'all' ? 2 + op.inputs.length : activations) * one +
    weights * tensorBytes(abi, scales) +
    unquantised * abi.tensor
  )
}

const held: Readonly<
  Record<OpKind, { readonly activations: number | 'all'; readonly weights?: number; readonly unquantised?: number }>
> = {
  conv2d: { activations: 4, weights: 3 },
  depthwise: { activations: 4, weights: 3 },
  dense: { activations: 2, weights: 2 },
  add: { activations: 3 },
  mul: { activations: 3 },
  averagePool: { activations: 2 },
  maxPool: { activations: 2 },
  mean: { activations: 4, unquantised: 2 },
  softmax: { activations: 2 },
  reshape: { activations: 2 },
  pad: { activations: 2, unquantised: 1 },
  concat: { activations: 'all' },
  quantize: { activations: 2 },
  hardSwish: { activations: 2 },
}

/** A TfLiteTensor with so many scales. */
const tensorBytes = (abi: Abi, scales: number): number => abi.tensor + abi.affine + up(4 + 4 * scales, abi.pointer)

const up = (n: number, align: number): number => (n + align - 1) & -align
