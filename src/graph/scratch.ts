import { elements, type Graph, type OpKind, type OpOf, outputOf, padBefore, type Shape } from './graph.ts'
import type { KernelSet } from './tflm-abi.ts'
import { hasWeights, kernelsOf, sizeOf, weightBitsOf } from './traits.ts'

const up = (n: number, align: number): number => Math.ceil(n / align) * align

/**
 * Scratch buffers (bytes, not rounded) that operator i requests while it runs. From CMSIS-NN 4ab83cc3 (`*_get_buffer_size`) built with GCC and
 * TFLite-Micro 90b983c2; exact for every network tried (test/graph/arena.test.ts). Reference kernels unpack weights of 4 bits here.
 */
export function scratchOf(graph: Graph, i: number, kernels: KernelSet): readonly number[] {
  const op = graph.ops[i]!
  if (kernels === 'reference' && hasWeights(op) && weightBitsOf(op) === 4)
    return kernelsOf(graph, i).map(({ shape }) => sizeOf(shape))
  return rules[op.kind](op as never, graph.shapes[op.inputs[0]!]!, graph.shapes[outputOf(i)]!, kernels)
}

const none: readonly number[] = []
const never = () => none
/** One buffer, of CMSIS-NN only; none where it would be empty. */
const cmsis =
  <O>(bytesOf: (op: O, input: Shape, output: Shape, kernels: KernelSet) => number) =>
  (op: O, input: Shape, output: Shape, kernels: KernelSet): readonly number[] => {
    const bytes = kernels === 'reference' ? 0 : bytesOf(op, input, output, kernels)
    return bytes > 0 ? [bytes] : none
  }

type Windowed = OpOf<'conv2d' | 'depthwise'>
const padsOf = (op: Windowed, input: Shape, output: Shape) =>
  [
    padBefore(input[0], op.kernel[0], op.stride[0], output[0], op.padding),
    padBefore(input[1], op.kernel[1], op.stride[1], output[1], op.padding),
  ] as const

/** Two im2col columns of 16-bit values, rounded up to the step of the inner loop; none for 1x1. */
function im2col(op: Windowed, channels: number, kernels: KernelSet): number {
  return 4 * up(op.kernel[0] * op.kernel[1] * channels, kernels === 'cmsis-nn-mve' ? 16 : 4)
}

function convScratch(op: Windowed, input: Shape, output: Shape, kernels: KernelSet): number {
  const [kh, kw] = op.kernel
  const [padH, padW] = padsOf(op, input, output)
  if (kh === 1 && kw === 1 && padH === 0 && padW === 0) return 0
  const isRow = kernels === 'cmsis-nn-mve' && input[0] === 1 && kh === 1 && (op.stride[1] * input[2]) % 4 === 0
  if (isRow) return rowConvScratch(op, input, output, padW)
  // arm_convolve_s4 unfolds without rounding up
  if (weightBitsOf(op) === 4 && kernels !== 'cmsis-nn-mve') return 4 * kh * kw * input[2]
  return im2col(op, input[2], kernels)
}

/** arm_convolve_1_x_n_s8 (MVE): pads the borders of the row instead of unfolding it; with weights in 4 bits the kernel needs no room for that. */
function rowConvScratch(op: Windowed, input: Shape, output: Shape, pad: number): number {
  const channels = input[2]
  const width = op.kernel[1]
  const stride = op.stride[1]
  const asymmetric = ((output[1] - 1) * stride + width - input[1]) % 2
  const columns = (n: number): number => (n !== 0 ? Math.max(1, Math.trunc((n + stride - 1) / stride)) : 0)
  const right = columns(pad + asymmetric)
  const left = columns(pad)
  if (right + Math.max(output[1] - (right + left), 0) + left !== output[1]) return im2col(op, channels, 'cmsis-nn-mve')
  if (weightBitsOf(op) === 4) return 0
  const padLeft = pad * channels
  const padRight = asymmetric ? right * channels : padLeft
  return Math.max(width * channels + padLeft, (width - 1) * channels + padRight)
}

function depthwiseScratch(op: OpOf<'depthwise'>, input: Shape, output: Shape, kernels: KernelSet): number {
  const taps = op.kernel[0] * op.kernel[1]
  // arm_depthwise_conv_s4_opt has one kernel for all cores
  if (weightBitsOf(op) === 4) return input[2] === output[2] ? 2 * taps * input[2] : 0
  // one input channel and several outputs: the MVE build runs it as a convolution, with the weights turned around
  if (kernels === 'cmsis-nn-mve' && input[2] === 1 && output[2] > 1)
    return convScratch(op, input, output, kernels) + output[2] * taps
  if (input[2] !== output[2]) return 0
  if (kernels === 'cmsis-nn-mve') return 4 * 124 * taps // blocks of 124 channels, whatever the width
  const [padH, padW] = padsOf(op, input, output)
  if (kernels === 'cmsis-nn' || (op.kernel[0] === 3 && op.kernel[1] === 3 && padH <= 1 && padW <= 1)) return 0
  return 2 * elements([...op.kernel, input[2]])
}

const rules: {
  readonly [K in OpKind]: (op: OpOf<K>, input: Shape, output: Shape, kernels: KernelSet) => readonly number[]
} = {
  conv2d: cmsis(convScratch),
  depthwise: cmsis(depthwiseScratch),
  averagePool: cmsis((_op, input, _output, kernels) => (kernels === 'cmsis-nn-dsp' ? 4 * input[2] : 0)),
  // sums, resolved index, resolved axes
  mean: (_op, _input, output) => [4 * output[2], 16, 8],
  dense: never,
  add: never,
  mul: never,
  maxPool: never,
  softmax: never,
  reshape: never,
  pad: never,
  concat: never,
  quantize: never,
  hardSwish: never,
}
