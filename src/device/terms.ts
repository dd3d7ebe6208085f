import { type Graph, type OpKind, type OpOf, outputOf, type Padding, padBefore } from '../graph/graph.ts'

/**
 * What an operator's latency is made of. A formula gives each term a price in cycles; MACs alone would miss by 20-55 % on measured boards,
 * because requantisation (per output), im2col (per pixel and tap) and channel remainders weigh more than the products in thin layers.
 * The part before the dot is the group that shares one scale factor per target.
 *
 * px = output pixels, K = kernel taps x input channels, outputs = px x output channels.
 */
export const termNames = [
  'conv.mac',
  'conv.unfold', // px K: values gathered by im2col
  'conv.output',
  'conv.pixel',
  'conv.tap', // px x kernel taps
  'conv.rest', // outputs x (K mod 4)
  'conv.rest16', // outputs x (K mod 16): blocks of the MVE kernels
  'conv.odd', // px K where the number of output channels is odd: the last one is computed alone
  'conv.inside', // MACs without those on padding, which some kernels skip
  'conv.loop', // output channels x taps inside: the start of the loop over input channels
  'pointwise.mac',
  'pointwise.rest', // outputs x (input channels mod 4)
  'pointwise.rest16',
  'pointwise.output',
  'pointwise.pixel',
  'pointwise.odd',
  'depthwise.mac',
  'depthwise.general', // MACs of kernels other than 3x3, which take the general path
  'depthwise.output',
  'depthwise.pixel',
  'depthwise.tap',
  'depthwise.block', // px x blocks of 16 channels x taps
  'depthwise.stem', // MACs with a channel multiplier above one
  'depthwise.inside',
  'depthwise.rest', // px x taps x (channels mod 4)
  'dense.mac',
  'dense.output',
  'dense.rest', // units x (inputs mod 4)
  'dense.rest16',
  'dense.odd', // inputs x (units mod 4)
  'add.element',
  'mul.element',
  'averagePool.tap', // outputs x kernel taps
  'averagePool.output',
  'averagePool.pixel',
  'maxPool.tap',
  'maxPool.output',
  'mean.element',
  'mean.output',
  'softmax.element',
  'copy.byte', // reshape, pad, concat
  'quantize.element',
  'hardSwish.element',
  'flash.byte', // weight bytes read
  'overhead.op',
  'overhead.invoke',
] as const

export type TermName = (typeof termNames)[number]
export const termGroups = ['conv', 'pointwise', 'depthwise', 'dense', 'element', 'flash', 'overhead'] as const
export type TermGroup = (typeof termGroups)[number]

const elementwise = new Set(['add', 'mul', 'averagePool', 'maxPool', 'mean', 'softmax', 'copy', 'quantize', 'hardSwish'])

export function groupOf(term: TermName): TermGroup {
  const head = term.slice(0, term.indexOf('.'))
  return elementwise.has(head) ? 'element' : (head as TermGroup)
}

const at = Object.fromEntries(termNames.map((name, i) => [name, i])) as { readonly [T in TermName]: number }

/** Index of `conv.mac` and so on, as constants the compiler of JavaScript can see through. */
const CONV = at['conv.mac']
const POINTWISE = at['pointwise.mac']
const DEPTHWISE = at['depthwise.mac']
const DENSE = at['dense.mac']
const ADD = at['add.element']
const MUL = at['mul.element']
const AVERAGE = at['averagePool.tap']
const MAX = at['maxPool.tap']
const MEAN = at['mean.element']
const SOFTMAX = at['softmax.element']
const COPY = at['copy.byte']
const QUANTIZE = at['quantize.element']
const HARD_SWISH = at['hardSwish.element']
const FLASH = at['flash.byte']
const OP = at['overhead.op']
export const INVOKE = at['overhead.invoke']

/** Terms that no board of ours was timed with: their prices come from other operators or other cores (bench/fit/formulas.ts). */
export const inferredTerms: readonly number[] = [MUL, HARD_SWISH]

type Visit<K extends OpKind> = (op: OpOf<K>, graph: Graph, i: number, x: Float64Array) => void

/** Adds the terms of operator i to `x` (as long as `termNames`). */
export function addTerms(graph: Graph, i: number, x: Float64Array): void {
  x[OP]! += 1
  const op = graph.ops[i]!
  visits[op.kind](op as never, graph, i, x)
}

const visits: { readonly [K in OpKind]: Visit<K> } = {
  conv2d: (op, graph, i, x) => {
    const [h, w, c] = graph.shapes[outputOf(i)]!
    const channels = graph.shapes[op.inputs[0]]![2]
    const taps = op.kernel[0] * op.kernel[1]
    const px = h * w
    const k = taps * channels
    x[FLASH]! += k * c
    if (taps === 1) {
      x[POINTWISE]! += px * c * k
      x[POINTWISE + 1]! += px * c * (k & 3)
      x[POINTWISE + 2]! += px * c * (k & 15)
      x[POINTWISE + 3]! += px * c
      x[POINTWISE + 4]! += px
      x[POINTWISE + 5]! += (c & 1) * px * k
      return
    }
    x[CONV]! += px * c * k
    x[CONV + 1]! += px * k
    x[CONV + 2]! += px * c
    x[CONV + 3]! += px
    x[CONV + 4]! += px * taps
    x[CONV + 5]! += px * c * (k & 3)
    x[CONV + 6]! += px * c * (k & 15)
    x[CONV + 7]! += (c & 1) * px * k
    const inside = insideTaps(op, graph, i) * c
    x[CONV + 8]! += inside * channels
    x[CONV + 9]! += inside
  },
  depthwise: (op, graph, i, x) => {
    const [h, w, c] = graph.shapes[outputOf(i)]!
    const taps = op.kernel[0] * op.kernel[1]
    const px = h * w
    const macs = px * c * taps
    x[DEPTHWISE]! += macs
    if (op.kernel[0] !== 3 || op.kernel[1] !== 3) x[DEPTHWISE + 1]! += macs
    x[DEPTHWISE + 2]! += px * c
    x[DEPTHWISE + 3]! += px
    x[DEPTHWISE + 4]! += px * taps
    x[DEPTHWISE + 5]! += px * taps * ((c + 15) >> 4)
    if (op.multiplier !== 1) x[DEPTHWISE + 6]! += macs
    x[DEPTHWISE + 7]! += insideTaps(op, graph, i) * c
    x[DEPTHWISE + 8]! += px * taps * (c & 3)
    x[FLASH]! += c * taps
  },
  dense: (op, graph, _i, x) => {
    const [h, w, c] = graph.shapes[op.inputs[0]]!
    const inputs = h * w * c
    x[DENSE]! += inputs * op.units
    x[DENSE + 1]! += op.units
    x[DENSE + 2]! += op.units * (inputs & 3)
    x[DENSE + 3]! += op.units * (inputs & 15)
    x[DENSE + 4]! += inputs * (op.units & 3)
    x[FLASH]! += inputs * op.units
  },
  add: (_op, graph, i, x) => perElement(graph, i, x, ADD),
  mul: (_op, graph, i, x) => perElement(graph, i, x, MUL),
  averagePool: (op, graph, i, x) => {
    pool(op, graph, i, x, AVERAGE)
    const [h, w] = graph.shapes[outputOf(i)]!
    x[AVERAGE + 2]! += h * w
  },
  maxPool: (op, graph, i, x) => pool(op, graph, i, x, MAX),
  mean: (op, graph, _i, x) => {
    const [h, w, c] = graph.shapes[op.inputs[0]]!
    x[MEAN]! += h * w * c
    x[MEAN + 1]! += c
  },
  softmax: (_op, graph, i, x) => perElement(graph, i, x, SOFTMAX),
  reshape: (_op, graph, i, x) => perElement(graph, i, x, COPY),
  pad: (_op, graph, i, x) => perElement(graph, i, x, COPY),
  concat: (_op, graph, i, x) => perElement(graph, i, x, COPY),
  quantize: (_op, graph, i, x) => perElement(graph, i, x, QUANTIZE),
  hardSwish: (_op, graph, i, x) => perElement(graph, i, x, HARD_SWISH),
}

/** Kernel taps that fall on the input rather than on padding, over all output pixels. */
function insideTaps(op: OpOf<'conv2d' | 'depthwise'>, graph: Graph, i: number): number {
  const input = graph.shapes[op.inputs[0]]!
  const output = graph.shapes[outputOf(i)]!
  const rows = insideLine(input[0], output[0], op.kernel[0], op.stride[0], op.padding)
  return rows * insideLine(input[1], output[1], op.kernel[1], op.stride[1], op.padding)
}

function insideLine(n: number, out: number, k: number, stride: number, padding: Padding): number {
  const before = padBefore(n, k, stride, out, padding)
  let taps = out * k
  // taps before the first value, then taps after the last one; only the outputs near the ends have any
  for (let o = 0; o < out && o * stride < before; o++) taps -= before - o * stride
  for (let o = out - 1; o >= 0; o--) {
    const over = o * stride - before + k - n
    if (over <= 0) break
    taps -= over
  }
  return taps
}

function perElement(graph: Graph, i: number, x: Float64Array, term: number): void {
  const [h, w, c] = graph.shapes[outputOf(i)]!
  x[term]! += h * w * c
}

function pool(op: OpOf<'averagePool' | 'maxPool'>, graph: Graph, i: number, x: Float64Array, term: number): void {
  const [h, w, c] = graph.shapes[outputOf(i)]!
  x[term]! += h * w * c * op.kernel[0] * op.kernel[1]
  x[term + 1]! += h * w * c
}
