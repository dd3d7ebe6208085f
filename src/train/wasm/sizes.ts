import { type Graph, type LayerActivation, type Op, type OpOf, outputOf, padBefore } from '../../graph/graph.ts'
import { hasWeights, isWindowed, type LayerKind, type LayerOp, type TrainableKind, type TrainableOp } from '../../graph/traits.ts'

/** Channels are stored in fours; the padding stays zero in values, weights and gradients. */
export const pad4 = (n: number): number => (n + 3) & ~3
/** `assembly/float/simd.ts` */
const codes: Readonly<Record<LayerActivation, number>> = { none: 0, relu: 1, relu6: 2, hardSigmoid: 3 }
export const activationCode = (activation: LayerActivation): number => codes[activation]

/** Channels that depthwise kernels copy at a time (`assembly/float/slab.ts`). */
const slab = 16

/** A window over an image as the kernels take it. */
export type Geometry = {
  readonly window: readonly [kh: number, kw: number, sh: number, sw: number, top: number, left: number]
  /** Size of the image copied into zeros, so that no window leaves it. */
  readonly padded: readonly [h: number, w: number]
  readonly input: readonly [h: number, w: number]
  readonly output: readonly [h: number, w: number]
}

export function geometryOf(graph: Graph, op: Extract<Op, { kernel: unknown }>, i: number): Geometry {
  const [h, w] = graph.shapes[op.inputs[0]]!
  const [oh, ow] = graph.shapes[outputOf(i)]!
  const [kh, kw] = op.kernel
  const [sh, sw] = op.stride
  const top = padBefore(h, kh, sh, oh, op.padding)
  const left = padBefore(w, kw, sw, ow, op.padding)
  const geometry: Geometry = {
    window: [kh, kw, sh, sw, top, left],
    padded: [Math.max((oh - 1) * sh + kh, top + h), Math.max((ow - 1) * sw + kw, left + w)],
    input: [h, w],
    output: [oh, ow],
  }
  return w === 1 && kw === 1 ? layDown(geometry) : geometry
}

/** A signal with time on H is the same memory with time on W, and the kernels' inner loops run along W. */
function layDown({ window: [kh, kw, sh, sw, top, left], padded, input, output }: Geometry): Geometry {
  const turn = ([h, w]: readonly [number, number]): readonly [number, number] => [w, h]
  return { window: [kw, kh, sw, sh, left, top], padded: turn(padded), input: turn(input), output: turn(output) }
}

/** The weights of an operator as a matrix [K, N] (depthwise: [taps, N]) that makes `rows` rows an example. */
export type Matrix = {
  readonly form: 'matrix' | 'conv' | 'depthwise'
  readonly K: number
  readonly N: number
  readonly rows: number
  readonly kernelFloats: number
  /** Rows that are handled at once: as many as keep both sides of a block within the first-level cache. */
  readonly blockRows: number
  /** What the kernels ask for (`assembly/float`), forward and backward. */
  readonly scratchFloats: number
}

/** How an operator's kernel is applied: `conv` unfolds windows, `matrix` reads rows as they are stored. */
const forms: { readonly [K in LayerKind]: (op: OpOf<K>) => Matrix['form'] } = {
  conv2d: ({ kernel, stride }) => ([...kernel, ...stride].every((n) => n === 1) ? 'matrix' : 'conv'),
  depthwise: () => 'depthwise',
  dense: () => 'matrix',
}

export const formOf = (op: LayerOp): Matrix['form'] => forms[op.kind](op as never)

/** `stride`: channels stored per pixel of the input. */
export function matrixOf(graph: Graph, op: LayerOp, i: number, stride: number): Matrix {
  const [oh, ow, channels] = graph.shapes[outputOf(i)]!
  const N = pad4(channels)
  const rows = oh * ow
  const geometry = isWindowed(op) ? geometryOf(graph, op, i) : undefined
  const form = formOf(op)
  if (geometry && form === 'depthwise') return { form, N, rows, ...depthwiseSizes(geometry, N) }
  if (geometry && form === 'conv') {
    const K = pad4(geometry.window[0] * geometry.window[1] * graph.shapes[op.inputs[0]]![2])
    const blockRows = rowsOfBlock(K, N)
    const unfolded = 2 * geometry.padded[0] * geometry.padded[1] * stride
    return { form, K, N, rows, kernelFloats: K * N, blockRows, scratchFloats: unfolded + blockRows * (2 * K + N) + 16 }
  }
  // one row an output pixel: a pixel of the input, or for a dense layer all of them
  const [h, w] = graph.shapes[op.inputs[0]]!
  const K = geometry ? stride : h * w * stride
  const blockRows = rowsOfBlock(K, N)
  return { form: 'matrix', K, N, rows, kernelFloats: K * N, blockRows, scratchFloats: blockRows * (K + N) }
}

function depthwiseSizes({ window, padded, output }: Geometry, N: number) {
  const around = (axis: 0 | 1) => output[axis] + 2 * (Math.floor((window[axis] - 1) / window[2 + axis]!) + 1)
  const K = window[0] * window[1]
  const scratchFloats = slab * (padded[0] * padded[1] + around(0) * around(1) + K * Math.ceil(N / slab))
  return { K, kernelFloats: K * N, blockRows: 1, scratchFloats }
}

const rowsOfBlock = (K: number, N: number): number => Math.min(96, Math.max(24, Math.floor(512 / Math.max(K, N)) * 12))

/** Whether an operator can recompute an input of so many pixels from the convolution before it. */
const readsFolded: { readonly [K in TrainableKind]: (pixels: number) => boolean } = {
  conv2d: () => true,
  depthwise: () => true,
  dense: (pixels) => pixels === 1,
  add: () => true,
  mul: () => false,
  averagePool: () => false,
  maxPool: () => false,
  mean: () => false,
  hardSwish: () => true,
}

/**
 * Tensors that are never stored: their one reader recomputes batch norm and activation from the convolution's output, block by block, while
 * it is in cache.
 */
export function isFolded(ops: readonly TrainableOp[], tensor: number, pixels: number): boolean {
  const [reader, ...others] = ops.filter((op) => op.inputs.some((t) => t === tensor))
  if (!reader || others.length > 0 || reader.inputs.filter((t) => t === tensor).length > 1) return false
  return readsFolded[reader.kind](pixels)
}

/** Channels stored per pixel. The input keeps its own where only unfolding convolutions read it: three channels stay three. */
export function strideOf(graph: Graph, ops: readonly Op[], tensor: number): number {
  const channels = graph.shapes[tensor]![2]
  const unfolded = (op: Op) => hasWeights(op) && formOf(op) === 'conv'
  return tensor === 0 && ops.every((op) => !op.inputs.some((t) => t === 0) || unfolded(op)) ? channels : pad4(channels)
}
