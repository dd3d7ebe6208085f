import { elements, type OpOf, type Shape } from '../graph/graph.ts'
import type { LayerOp } from '../graph/traits.ts'
import { layerRescales } from './arithmetic.ts'
import { frameOf } from './layout.ts'
import { packConvolution, packDepthwise, packRescales, roundingFor, weightFactor } from './pack.ts'
import { centredBounds, type Site, type Step } from './site.ts'

export function planConvolution(op: OpOf<'conv2d'>, at: Site): Step {
  const { kernels, shape, constants, batch, y } = at
  const [h, w, c] = at.shapes[0]!
  const [oh, ow, channels] = shape
  const { prepare, source, height, width } = framed(op, at, c)
  const rows = op.kernel[0]
  const run = op.kernel[1] * c
  const { q, rounding, factor, low, high } = finishing(op, at, rows * run)
  const weights = constants.put(packConvolution(at.layer!.kernels[0].weights, channels, rows, run, factor))
  const table = constants.put(pixelTable(batch, height, width, c, shape, op.stride))
  const [n, pairs, rowBytes] = [oh * ow, Math.ceil(run / 2), width * c * 2]
  return (count) => {
    prepare(count, h, w)
    kernels.int8Convolve(count * n, channels, rows, pairs, rowBytes, source, table, weights, q, y, rounding, low, high)
  }
}

export function planDepthwise(op: OpOf<'depthwise'>, at: Site): Step {
  const { kernels, shape, constants, batch, y } = at
  const [h, w] = at.shapes[0]!
  const [oh, ow, channels] = shape
  const { prepare, source, height, width } = framed(op, at, channels)
  const taps = op.kernel[0] * op.kernel[1]
  const pairs = Math.ceil(taps / 2)
  const { q, rounding, factor, low, high } = finishing(op, at, taps)
  const weights = constants.put(packDepthwise(at.layer!.kernels[0].weights, channels, taps, factor))
  const table = constants.put(pixelTable(batch, height, width, channels, shape, op.stride))
  const offset = (tap: number) => (Math.floor(tap / op.kernel[1]) * width + (tap % op.kernel[1])) * channels * 2
  const offsets = constants.put(Int32Array.from({ length: 2 * pairs }, (_, tap) => (tap < taps ? offset(tap) : 0)))
  return (count) => {
    prepare(count, h, w)
    kernels.int8Depthwise(count * oh * ow, channels, pairs, source, table, offsets, weights, q, y, rounding, low, high)
  }
}

/** A convolution over one pixel that holds the whole map. */
export function planDense(op: OpOf<'dense'>, at: Site): Step {
  const { kernels, constants, batch, x, y } = at
  const run = elements(at.shapes[0]!)
  const { q, rounding, factor, low, high } = finishing(op, at, run)
  const weights = constants.put(packConvolution(at.layer!.kernels[0].weights, op.units, 1, run, factor))
  const table = constants.put(pixelTable(batch, 1, 1, run, [1, 1, op.units], [1, 1]))
  const pairs = Math.ceil(run / 2)
  return (count) => kernels.int8Convolve(count, op.units, 1, pairs, 0, x[0]!, table, weights, q, y, rounding, low, high)
}

/** Bias, multipliers and bounds of a layer whose outputs sum `terms` products. */
function finishing(op: LayerOp, { layer, params, output, mode, constants }: Site, terms: number) {
  const rescales = layerRescales(op, layer!.kernels[0], params[0]!, output)
  const bound = layer!.bias.reduce((max, b) => Math.max(max, Math.abs(b)), 0) + terms * 255 * 128
  const rounding = roundingFor(rescales, bound, mode)
  const [low, high] = centredBounds(op, output)
  return {
    q: constants.put(packRescales(rescales, layer!.bias, rounding)),
    rounding,
    factor: weightFactor(rounding),
    low,
    high,
  }
}

/** Where a convolution reads its input, and the step that puts it there: channels repeated and a frame of zeros, where they are needed. */
function framed(op: OpOf<'conv2d' | 'depthwise'>, { kernels, shapes, shape, x, repeated, framed }: Site, channels: number) {
  const [h, w, c] = shapes[0]!
  const frame = frameOf(op, shapes[0]!, shape)
  const times = channels / c
  const middle = times === 1 ? x[0]! : repeated
  const bytes = channels * 2
  return {
    source: frame ? framed : middle,
    height: frame?.h ?? h,
    width: frame?.w ?? w,
    prepare(count: number, rows: number, columns: number): void {
      if (times !== 1) kernels.int8Repeat(count * rows * columns * c, times, x[0]!, repeated)
      if (frame)
        kernels.int8Frame(count, rows, columns * bytes, frame.top, frame.left * bytes, frame.h, frame.w * bytes, middle, framed)
    },
  }
}

/** Byte offset of the first tap of every output pixel of the batch; the last is repeated for the surplus pixels of a tile of four. */
function pixelTable(
  batch: number,
  height: number,
  width: number,
  channels: number,
  [oh, ow]: Shape,
  stride: readonly [number, number],
): Int32Array {
  const pixels = batch * oh * ow
  return Int32Array.from({ length: pixels + 3 }, (_, k) => {
    const m = Math.min(k, pixels - 1)
    const [example, row, column] = [Math.floor(m / (oh * ow)), Math.floor(m / ow) % oh, m % ow]
    return ((example * height + row * stride[0]) * width + column * stride[1]) * channels * 2
  })
}
