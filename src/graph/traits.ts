import { type Graph, type LayerActivation, type Op, type OpKind, type OpOf, outputOf } from './graph.ts'
import { type KernelPart, operators, rowOf, type Width } from './operators.ts'

/** Kinds whose column has this value. */
type KindsWith<Column extends string, Value> = {
  [K in OpKind]: (typeof operators)[K] extends { readonly [C in Column]: Value } ? K : never
}[OpKind]

/** Layers: what has weights. */
export type LayerKind = Exclude<OpKind, KindsWith<'kernels', readonly []>>
export type LayerOp = OpOf<LayerKind>
/** Layers that train with batch norm. */
export type NormKind = KindsWith<'batchNorm', true>
export type TrainableKind = KindsWith<'trainable', 'yes'>
export type TrainableOp = OpOf<TrainableKind>
/** Windows that learn nothing. */
type PoolOp = Exclude<Extract<Op, { readonly kernel: unknown }>, LayerOp>

export const hasWeights = (op: Op): op is LayerOp => operators[op.kind].kernels.length > 0
export const hasBatchNorm = (op: Op): op is OpOf<NormKind> => operators[op.kind].batchNorm
export const isTrainable = (op: Op): op is TrainableOp => operators[op.kind].trainable === 'yes'
export const isWindowed = (op: Op): op is Extract<Op, { readonly kernel: unknown }> => 'kernel' in op
export const isPool = (op: Op): op is PoolOp => isWindowed(op) && !hasWeights(op)
/** What is done to its output's values: `none` where an operator has no such attribute. */
export const activationOf = (op: Op | undefined): LayerActivation => (op && 'activation' in op ? op.activation : 'none')

/** A weight tensor of one operator in one network. */
export type KernelTensor = { readonly part: KernelPart; readonly channels: 'first' | 'last'; readonly shape: readonly number[] }

const nothing: readonly never[] = []

/** Weight tensors of operator i, in the order in which a file lists them. */
export function kernelsOf(graph: Graph, i: number): readonly KernelTensor[] {
  const op = graph.ops[i]!
  const rows = rowOf(op).kernels
  if (rows.length === 0) return nothing
  const input = graph.shapes[op.inputs[0]!]!
  const output = graph.shapes[outputOf(i)]!
  return rows.map(({ part, channels, shape }) => ({ part, channels, shape: shape(op as never, input, output) }))
}

/** Bytes of each state that operator i keeps from one invocation to the next. */
export function statesOf(graph: Graph, i: number): readonly number[] {
  const op = graph.ops[i]!
  const rows = rowOf(op).states
  if (rows.length === 0) return nothing
  return rows.map(({ bytes }) => bytes(op as never, graph.shapes[op.inputs[0]!]!, graph.shapes[outputOf(i)]!))
}

/** How many states the whole network keeps, and their bytes where they lie side by side. */
export function stateTensors({ ops }: Graph): number {
  let n = 0
  for (let i = 0; i < ops.length; i++) n += operators[ops[i]!.kind].states.length
  return n
}
export function stateBytes(graph: Graph): number {
  let sum = 0
  for (let i = 0; i < graph.ops.length; i++) for (const bytes of statesOf(graph, i)) sum += bytes
  return sum
}

export const widthOf = (graph: Graph, i: number): Width => {
  const op = graph.ops[i]!
  return rowOf(op).width(op as never, graph.shapes[op.inputs[0]!]!, graph.shapes[outputOf(i)]!)
}

/** The operator with so many output channels; it must be one whose width is free. */
export const resized = (op: Op, channels: number): Op => rowOf(op).resized(op as never, channels)

/** Whether a layer has a weight scale for each output channel. `asked`: where one scale is the rule, one a channel was wanted. */
export const isPerChannel = (op: LayerOp, asked?: boolean): boolean =>
  asked === true || operators[op.kind].weightScales === 'perChannel'

/** Bits of a layer's weights. */
export const weightBitsOf = (op: Op): 8 | 4 => ('weightBits' in op ? (op.weightBits ?? 8) : 8)
/** Largest whole number that a weight takes: grids are symmetric, so the last negative one stays unused. */
export const weightLevels = (op: Op): 127 | 7 => (weightBitsOf(op) === 4 ? 7 : 127)
/** Layers with weights in 4 bits. */
export function int4Layers({ ops }: Graph): number {
  let n = 0
  for (let i = 0; i < ops.length; i++) if (weightBitsOf(ops[i]!) === 4) n++
  return n
}
/** Bytes of so many weights of a layer: those of 4 bits lie two a byte. */
export const packedBytes = (op: Op, weights: number): number => (weightBitsOf(op) === 4 ? (weights + 1) >> 1 : weights)

/** Number of values of a tensor of these dimensions. */
export const sizeOf = (shape: readonly number[]): number => {
  let n = 1
  for (let d = 0; d < shape.length; d++) n *= shape[d]!
  return n
}
