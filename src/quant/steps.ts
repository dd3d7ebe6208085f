import { elements, type OpKind, type OpOf, outputOf, padBefore, type Shape } from '../graph/graph.ts'
import { activationBounds, layerRescales, meanRescale, mulRescale, planAdd, requantise } from './arithmetic.ts'
import type { Int8Kernels } from './kernels.ts'
import { frameOf, type Layout } from './layout.ts'
import type { LayerParams, QuantizedModel, QuantParams, RoundingMode } from './model.ts'
import { pow2 } from './multiplier.ts'
import { packConvolution, packDepthwise, packRescales, roundingFor, roundings, weightFactor } from './pack.ts'
import { exponentialTable, softmaxRow } from './softmax.ts'

/** Runs one operator for the first `count` examples of the batch. */
export type Step = (count: number) => void

/** Collects constants before the memory that will hold them has its final size. */
export function constantsWriter(start: number) {
  let end = start
  const parts: { readonly at: number; readonly bytes: Uint8Array }[] = []
  return {
    /** Address of a copy of `values`. */
    put(values: Int16Array | Int32Array): number {
      const at = end
      parts.push({ at, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) })
      end += Math.ceil(values.byteLength / 16) * 16
      return at
    },
    end: () => end,
    write(buffer: ArrayBuffer): void {
      for (const { at, bytes } of parts) new Uint8Array(buffer, at, bytes.length).set(bytes)
    },
  }
}
type Constants = ReturnType<typeof constantsWriter>

/** Surroundings of one operator: shapes, parameters and addresses of its tensors and scratch. */
type Site = {
  readonly shapes: readonly Shape[]
  readonly params: readonly QuantParams[]
  readonly x: readonly number[]
  readonly shape: Shape
  readonly output: QuantParams
  readonly y: number
  readonly repeated: number
  readonly framed: number
  readonly layer: LayerParams | undefined
  readonly mode: RoundingMode
  readonly batch: number
  readonly kernels: Int8Kernels
  readonly constants: Constants
  readonly memory: () => ArrayBuffer
}

export function planSteps(
  model: QuantizedModel,
  mode: RoundingMode,
  batch: number,
  layout: Layout,
  base: number,
  kernels: Int8Kernels,
  constants: Constants,
  memory: () => ArrayBuffer,
): Step[] {
  return model.graph.ops.map((op, i) => {
    const plan = plans[op.kind] as (op: never, at: Site) => Step
    return plan(op as never, {
      shapes: op.inputs.map((t) => model.graph.shapes[t]!),
      params: op.inputs.map((t) => model.tensors[t]!),
      x: op.inputs.map((t) => base + layout.tensors[t]!),
      shape: model.graph.shapes[outputOf(i)]!,
      output: model.tensors[outputOf(i)]!,
      y: base + layout.tensors[outputOf(i)]!,
      repeated: base + layout.scratch[i]!.repeated,
      framed: base + layout.scratch[i]!.framed,
      layer: model.layers[i],
      mode,
      batch,
      kernels,
      constants,
      memory,
    })
  })
}

const plans: { readonly [K in OpKind]: (op: OpOf<K>, at: Site) => Step } = {
  conv2d: planConvolution,
  depthwise: planDepthwise,
  dense: planDense,
  averagePool: planPool,
  maxPool: planPool,
  add: (op, { kernels, x, y, params, output, shape, mode }) => {
    const plan = planAdd(params[0]!, params[1]!, output, mode)
    const [low, high] = centredBounds(op, output)
    const n = elements(shape)
    if (plan.mode === 'xnnpack')
      return (count) =>
        kernels.int8AddOnce(count * n, x[0]!, x[1]!, y, plan.a, plan.b, pow2(plan.shift - 1), plan.shift, low, high)
    const { a, b, output: o } = plan
    const [left, right] = [Math.max(o.shift, 0), Math.max(-o.shift, 0)]
    return (count) =>
      kernels.int8AddTwice(
        count * n,
        x[0]!,
        x[1]!,
        y,
        a.mantissa,
        -a.shift,
        b.mantissa,
        -b.shift,
        left,
        o.mantissa,
        right,
        low,
        high,
      )
  },
  mul: (op, { kernels, x, y, params, output, shape, mode, constants }) => {
    const rounding = mode === 'tflm' ? roundings.twice : roundings.once
    const q = constants.put(packRescales([mulRescale(params[0]!, params[1]!, output)], new Int32Array(8), rounding))
    const [low, high] = centredBounds(op, output)
    return (count) => kernels.int8Mul(count * elements(shape), x[0]!, x[1]!, y, q, rounding, low, high)
  },
  mean: (op, { kernels, x, y, shapes, params, output, mode, constants }) => {
    const [h, w, c] = shapes[0]!
    const rounding = mode === 'tflm' ? roundings.twice : roundings.once
    // every eight channels read the same parameters
    const q = constants.put(packRescales([meanRescale(h * w, params[0]!, output)], new Int32Array(8), rounding))
    const [low, high] = centredBounds(op, output)
    return (count) => kernels.int8Mean(count, h * w, c, x[0]!, y, q, rounding, low, high)
  },
  softmax: (_op, { x, y, shape, params, memory }) => {
    const table = exponentialTable(params[0]!.scale)
    const c = shape[2]
    return (count) => {
      const from = new Int16Array(memory(), x[0]!, count * elements(shape))
      const to = new Int16Array(memory(), y, count * elements(shape))
      for (let k = 0; k < to.length; k += c) softmaxRow(from.subarray(k, k + c), table, to.subarray(k, k + c))
    }
  },
  reshape: () => () => {}, // shares its input's memory
  pad: (op, { kernels, x, y, shapes, shape }) => {
    const [h, w, c] = shapes[0]!
    return (count) =>
      kernels.int8Frame(count, h, w * c * 2, op.before[0], op.before[1] * c * 2, shape[0], shape[1] * c * 2, x[0]!, y)
  },
  concat: (_op, { kernels, x, y, shapes, shape }) => {
    const pixels = shape[0] * shape[1]
    return (count) => {
      let to = y
      x.forEach((from, n) => {
        kernels.int8Interleave(count * pixels, shapes[n]![2], from, to, shape[2])
        to += shapes[n]![2] * 2
      })
    }
  },
  quantize: (op, { kernels, x, y, params, output, shape, mode, constants }) => {
    const [low, high] = centredBounds(op, output)
    const clamp = (v: number) => Math.min(high, Math.max(low, v))
    const zero = params[0]!.zeroPoint
    const table = constants.put(
      Int16Array.from({ length: 511 }, (_, k) => clamp(requantise(k - 255 + zero, params[0]!, output, mode))),
    )
    return (count) => kernels.int8Map(count * elements(shape), x[0]!, y, table)
  },
}

function planConvolution(op: OpOf<'conv2d'>, at: Site): Step {
  const { kernels, shape, constants, batch, y } = at
  const [h, w, c] = at.shapes[0]!
  const [oh, ow, channels] = shape
  const { prepare, source, height, width } = framed(op, at, c)
  const rows = op.kernel[0]
  const run = op.kernel[1] * c
  const { q, rounding, factor, low, high } = finishing(op, at, rows * run)
  const weights = constants.put(packConvolution(at.layer!.weights, channels, rows, run, factor))
  const table = constants.put(pixelTable(batch, height, width, c, shape, op.stride))
  const [n, pairs, rowBytes] = [oh * ow, Math.ceil(run / 2), width * c * 2]
  return (count) => {
    prepare(count, h, w)
    kernels.int8Convolve(count * n, channels, rows, pairs, rowBytes, source, table, weights, q, y, rounding, low, high)
  }
}

function planDepthwise(op: OpOf<'depthwise'>, at: Site): Step {
  const { kernels, shape, constants, batch, y } = at
  const [h, w] = at.shapes[0]!
  const [oh, ow, channels] = shape
  const { prepare, source, height, width } = framed(op, at, channels)
  const taps = op.kernel[0] * op.kernel[1]
  const pairs = Math.ceil(taps / 2)
  const { q, rounding, factor, low, high } = finishing(op, at, taps)
  const weights = constants.put(packDepthwise(at.layer!.weights, channels, taps, factor))
  const table = constants.put(pixelTable(batch, height, width, channels, shape, op.stride))
  const offset = (tap: number) => (Math.floor(tap / op.kernel[1]) * width + (tap % op.kernel[1])) * channels * 2
  const offsets = constants.put(Int32Array.from({ length: 2 * pairs }, (_, tap) => (tap < taps ? offset(tap) : 0)))
  return (count) => {
    prepare(count, h, w)
    kernels.int8Depthwise(count * oh * ow, channels, pairs, source, table, offsets, weights, q, y, rounding, low, high)
  }
}

/** A convolution over one pixel that holds the whole map. */
function planDense(op: OpOf<'dense'>, at: Site): Step {
  const { kernels, constants, batch, x, y } = at
  const run = elements(at.shapes[0]!)
  const { q, rounding, factor, low, high } = finishing(op, at, run)
  const weights = constants.put(packConvolution(at.layer!.weights, op.units, 1, run, factor))
  const table = constants.put(pixelTable(batch, 1, 1, run, [1, 1, op.units], [1, 1]))
  const pairs = Math.ceil(run / 2)
  return (count) => kernels.int8Convolve(count, op.units, 1, pairs, 0, x[0]!, table, weights, q, y, rounding, low, high)
}

/** Bias, multipliers and bounds of a layer whose outputs sum `terms` products. */
function finishing(op: OpOf<'conv2d' | 'depthwise' | 'dense'>, { layer, params, output, mode, constants }: Site, terms: number) {
  const rescales = layerRescales(op.kind, layer!, params[0]!, output)
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

function planPool(op: OpOf<'averagePool' | 'maxPool'>, { kernels, shapes, shape, params, output, x, y }: Site): Step {
  const [h, w, c] = shapes[0]!
  const top = padBefore(h, op.kernel[0], op.stride[0], shape[0], op.padding)
  const left = padBefore(w, op.kernel[1], op.stride[1], shape[1], op.padding)
  const [low, high] = centredBounds(op, output)
  const maximum = op.kind === 'maxPool' ? 1 : 0
  return (count) =>
    kernels.int8Pool(
      count,
      h,
      w,
      c,
      ...op.kernel,
      ...op.stride,
      top,
      left,
      shape[0],
      shape[1],
      x[0]!,
      y,
      maximum,
      params[0]!.zeroPoint,
      low,
      high,
    )
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

/** Bounds of the activation function on values less the zero point. */
function centredBounds(op: OpOf<OpKind>, output: QuantParams): [number, number] {
  const [low, high] = activationBounds('activation' in op ? op.activation : 'none', output)
  return [low - output.zeroPoint, high - output.zeroPoint]
}
