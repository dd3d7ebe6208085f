import type { OpKind } from './graph.ts'
import type { KernelTensor } from './traits.ts'

/**
 * How this project lays out a .tflite file (FlatBuffers, schema.fbs version 3), so that the writer (export/tflite-write.ts) and the exact
 * size (tflite-size.ts) follow one description:
 *
 * 1. Every table of a kind writes the same fields, defaults included, the 4-byte ones first, starting 4-aligned: a table's length depends on
 *    its kind alone, and all tables of a kind share one vtable.
 * 2. Constant data come first (they end up last in the file), each 16-aligned; then the 64-bit zero points; everything after is 4-aligned.
 * 3. The zero points of weights are all 0: one vector of zeros for each number of channels serves every tensor (saves 16 bytes a channel).
 */
export type FieldType = 'offset' | 'i32' | 'f32' | 'i8'
/** Fields of one kind of table: slot in the schema and type, in the order in which they are written. */
export type TableLayout = readonly (readonly [slot: number, type: FieldType])[]

export const modelTables = {
  /** version, operator codes, subgraphs, description, buffers, signatures */
  model: [
    [0, 'i32'],
    [1, 'offset'],
    [2, 'offset'],
    [3, 'offset'],
    [4, 'offset'],
    [7, 'offset'],
  ],
  /** version, code, code in 8 bits */
  operatorCode: [
    [2, 'i32'],
    [3, 'i32'],
    [0, 'i8'],
  ],
  /** tensors, inputs, outputs, operators, name */
  subgraph: [
    [0, 'offset'],
    [1, 'offset'],
    [2, 'offset'],
    [3, 'offset'],
    [4, 'offset'],
  ],
  /** shape, buffer, name, quantisation, type, rank is known */
  tensor: [
    [0, 'offset'],
    [2, 'i32'],
    [3, 'offset'],
    [4, 'offset'],
    [1, 'i8'],
    [8, 'i8'],
  ],
  /** scales, zero points, dimension of the channels */
  quantisation: [
    [2, 'offset'],
    [3, 'offset'],
    [6, 'i32'],
  ],
  emptyBuffer: [],
  buffer: [[0, 'offset']],
  /** index of the code, inputs, outputs, options, kind of options */
  operator: [
    [0, 'i32'],
    [1, 'offset'],
    [2, 'offset'],
    [4, 'offset'],
    [3, 'i8'],
  ],
  /** inputs, outputs, key */
  signature: [
    [0, 'offset'],
    [1, 'offset'],
    [2, 'offset'],
  ],
  /** name, tensor */
  tensorName: [
    [0, 'offset'],
    [1, 'i32'],
  ],
} as const satisfies Record<string, TableLayout>

/** A tensor without quantisation: shape, buffer, name, type, rank is known. */
export const plainTensor = [
  [0, 'offset'],
  [2, 'i32'],
  [3, 'offset'],
  [1, 'i8'],
  [8, 'i8'],
] as const satisfies TableLayout

/** stride W, stride H, filter W, filter H, padding, activation */
const pool = [
  [1, 'i32'],
  [2, 'i32'],
  [3, 'i32'],
  [4, 'i32'],
  [0, 'i8'],
  [5, 'i8'],
] as const satisfies TableLayout

/** The options table of each operator. Dilations stay out: absent means 1. */
export const optionTables = {
  /** stride W, stride H, padding, activation */
  conv2d: [
    [1, 'i32'],
    [2, 'i32'],
    [0, 'i8'],
    [3, 'i8'],
  ],
  /** stride W, stride H, multiplier, padding, activation */
  depthwise: [
    [1, 'i32'],
    [2, 'i32'],
    [3, 'i32'],
    [0, 'i8'],
    [4, 'i8'],
  ],
  /** activation */
  dense: [[0, 'i8']],
  add: [[0, 'i8']],
  mul: [[0, 'i8']],
  averagePool: pool,
  maxPool: pool,
  /** keep dimensions */
  mean: [[0, 'i8']],
  /** beta */
  softmax: [[0, 'f32']],
  reshape: [],
  pad: [],
  /** axis, activation */
  concat: [
    [0, 'i32'],
    [1, 'i8'],
  ],
  quantize: [],
  hardSwish: [],
} as const satisfies Record<OpKind, TableLayout>

/**
 * Shape of the int32 constant that an operator reads besides weights, given whether its output is a map (rank 4): axes of a mean, the new
 * shape, paddings. Its values: export/tflite-write.ts.
 */
export const constantShapes = {
  conv2d: undefined,
  depthwise: undefined,
  dense: undefined,
  add: undefined,
  mul: undefined,
  averagePool: undefined,
  maxPool: undefined,
  mean: () => [2],
  softmax: undefined,
  reshape: (isMap) => [isMap ? 4 : 2],
  pad: () => [4, 2],
  concat: undefined,
  quantize: undefined,
  hardSwish: undefined,
} as const satisfies Record<OpKind, undefined | ((isMap: boolean) => readonly number[])>

const narrow = (layout: TableLayout): number => layout.filter(([, type]) => type === 'i8').length

/** Bytes of one table: offset of the vtable, 4-byte fields, 1-byte fields padded to 4. */
export const tableBytes = (layout: TableLayout): number =>
  4 + 4 * (layout.length - narrow(layout)) + Math.ceil(narrow(layout) / 4) * 4

/** The vtable as the Builder makes it: equal ones are written once. `bytes` includes the padding that follows. */
export function vtable(layout: TableLayout): { readonly key: string; readonly bytes: number } {
  const size = tableBytes(layout)
  const slots = layout.length === 0 ? 0 : Math.max(...layout.map(([slot]) => slot)) + 1
  const offsets = new Array<number>(slots).fill(0)
  let end = size
  for (const [slot, type] of layout) offsets[slot] = end -= type === 'i8' ? 1 : 4
  return { key: `${size}:${offsets.join()}`, bytes: Math.ceil((4 + 2 * slots) / 4) * 4 }
}

/** Dimensions of a weight tensor in the file: one that ends in its channels has a first dimension of 1. */
export const fileShape = ({ shape, channels }: KernelTensor): readonly number[] =>
  fileRank(shape.length, channels) > shape.length ? [1, ...shape] : shape

/** How many dimensions that are. */
export const fileRank = (rank: number, channels: KernelTensor['channels']): number => (channels === 'last' ? rank + 1 : rank)

/** Fixed texts of the file. */
export const fileNames = {
  description: 'tinyfront',
  subgraph: 'main',
  signature: 'serving_default',
  input: 'input',
  output: 'output',
} as const

/** Letters of a layer's weight tensors, in their order. */
export const kernelLetters = ['w', 'x', 'y', 'z'] as const

/** Name of a tensor: `t3` is graph tensor 3; `w3` (and so on), `b3`, `c3` are weights, bias and other constant of operator 3. */
export const tensorName = (letter: 't' | 'b' | 'c' | (typeof kernelLetters)[number], index: number): string => letter + index
