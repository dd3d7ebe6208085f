import { type Graph, type LayerActivation, type Op, type OpKind, type OpOf, outputOf, padBefore } from '../../graph/graph.ts'
import { isWindowed } from '../../graph/traits.ts'

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

export const isPointwise = (op: Op): boolean =>
  op.kind === 'conv2d' && op.kernel[0] === 1 && op.kernel[1] === 1 && op.stride[0] === 1 && op.stride[1] === 1

/** `stride`: channels stored per pixel of the input. */
export function matrixOf(graph: Graph, op: OpOf<'conv2d' | 'depthwise' | 'dense'>, i: number, stride: number): Matrix {
  const [h, w, c] = graph.shapes[op.inputs[0]]!
  const [oh, ow, channels] = graph.shapes[outputOf(i)]!
  const N = pad4(channels)
  const rows = oh * ow
  const pixels = isWindowed(op) ? geometryOf(graph, op, i).padded[0] * geometryOf(graph, op, i).padded[1] : 0
  if (op.kind === 'depthwise') {
    const { window, output } = geometryOf(graph, op, i)
    const around = (axis: 0 | 1) => output[axis] + 2 * (Math.floor((window[axis] - 1) / window[2 + axis]!) + 1)
    const K = window[0] * window[1]
    const scratchFloats = slab * (pixels + around(0) * around(1) + K * Math.ceil(N / slab))
    return { form: 'depthwise', K, N, rows, kernelFloats: K * N, blockRows: 1, scratchFloats }
  }
  if (op.kind === 'dense' || isPointwise(op)) {
    const K = op.kind === 'dense' ? h * w * stride : stride
    const blockRows = rowsOfBlock(K, N)
    return { form: 'matrix', K, N, rows, kernelFloats: K * N, blockRows, scratchFloats: blockRows * (K + N) }
  }
  const K = pad4(op.kernel[0] * op.kernel[1] * c)
  const blockRows = rowsOfBlock(K, N)
  return {
    form: 'conv',
    K,
    N,
    rows,
    kernelFloats: K * N,
    blockRows,
    scratchFloats: 2 * pixels * stride + blockRows * (2 * K + N) + 16,
  }
}

const rowsOfBlock = (K: number, N: number): number => Math.min(96, Math.max(24, Math.floor(512 / Math.max(K, N)) * 12))

const readsFolded: Partial<Readonly<Record<OpKind, boolean>>> = { conv2d: true, depthwise: true, add: true, hardSwish: true }

/**
 * Tensors that are never stored: their one reader recomputes batch norm and activation from the convolution's output, block by block, while
 * it is in cache.
 */
export function isFolded(ops: readonly Op[], tensor: number, pixels: number): boolean {
  const [reader, ...others] = ops.filter((op) => op.inputs.some((t) => t === tensor))
  if (!reader || others.length > 0 || reader.inputs.filter((t) => t === tensor).length > 1) return false
  return readsFolded[reader.kind] || (reader.kind === 'dense' && pixels === 1)
}

/** Channels stored per pixel. The input keeps its own where only unfolding convolutions read it: three channels stay three. */
export function strideOf(graph: Graph, ops: readonly Op[], tensor: number): number {
  const channels = graph.shapes[tensor]![2]
  const unfolded = (op: Op) => op.kind === 'conv2d' && !isPointwise(op)
  return tensor === 0 && ops.every((op) => !op.inputs.some((t) => t === 0) || unfolded(op)) ? channels : pad4(channels)
}
