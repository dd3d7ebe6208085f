import { elements, type OpKind, type OpOf, outputOf, padBefore } from '../graph/graph.ts'
import { meanRescale, mulRescale, planAdd, requantise } from './arithmetic.ts'
import { hardSwishTable } from './hard-swish.ts'
import type { Int8Kernels } from './kernels.ts'
import { planConvolution, planDense, planDepthwise } from './layer-steps.ts'
import type { Layout } from './layout.ts'
import type { QuantizedModel, RoundingMode } from './model.ts'
import { pow2 } from './multiplier.ts'
import { packRescales, roundings } from './pack.ts'
import { type Constants, centredBounds, type Site, type Step } from './site.ts'
import { exponentialTable, softmaxRow } from './softmax.ts'

/** One call per operator, in order: constants are packed now, the rest is addresses. */
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
  averagePool: (op, at) => planPool(op, at, 0),
  maxPool: (op, at) => planPool(op, at, 1),
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
  mul: (op, { kernels, x, y, shapes, params, output, shape, mode, constants }) => {
    const rounding = mode === 'tflm' ? roundings.twice : roundings.once
    const q = constants.put(packRescales([mulRescale(params[0]!, params[1]!, output)], new Int32Array(8), rounding))
    const [low, high] = centredBounds(op, output)
    // one pixel multiplies all, or each its own
    const [n, factors] = shapes.map(elements) as [number, number]
    const [, , c] = shape
    return (count) => kernels.int8Mul((count * factors) / c, n / factors, c, x[0]!, x[1]!, y, q, rounding, low, high)
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
  hardSwish: (_op, { kernels, x, y, params, output, shape, constants }) => {
    const zero = params[0]!.zeroPoint
    const outputs = hardSwishTable(params[0]!, output)
    // by value less its zero point; those beyond int8 do not occur
    const table = constants.put(Int16Array.from({ length: 511 }, (_, k) => (outputs[k - 127 + zero] ?? 0) - output.zeroPoint))
    return (count) => kernels.int8Map(count * elements(shape), x[0]!, y, table)
  },
}

function planPool(
  op: OpOf<'averagePool' | 'maxPool'>,
  { kernels, shapes, shape, params, output, x, y }: Site,
  maximum: 0 | 1,
): Step {
  const [h, w, c] = shapes[0]!
  const top = padBefore(h, op.kernel[0], op.stride[0], shape[0], op.padding)
  const left = padBefore(w, op.kernel[1], op.stride[1], shape[1], op.padding)
  const [low, high] = centredBounds(op, output)
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
