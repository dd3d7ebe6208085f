import { elements, type OpKind, type OpOf, outputOf, padBefore, type Shape } from '../graph/graph.ts'
import type { LayerOp } from '../graph/traits.ts'
import {
  activationBounds,
  addQuantised,
  averageQuantised,
  clampInt8,
  layerRescales,
  meanRescale,
  mulRescale,
  planAdd,
  requantise,
  rescale,
} from './arithmetic.ts'
import { hardSwishTable } from './hard-swish.ts'
import type { LayerParams, QuantizedModel, QuantParams, RoundingMode } from './model.ts'
import { softmaxQuantised } from './softmax.ts'

/**
 * The int8 network on one example, in plain TypeScript: every tensor, `result[t]` in H, W, C order (0 is the input itself).
 * Slow and obvious: the oracle of the wasm evaluator, itself checked against golden outputs of TFLite-Micro and LiteRT.
 * The model must keep the runtime's rules (`checkModel`).
 */
export function evaluateReference(
  model: QuantizedModel,
  input: Int8Array,
  mode: RoundingMode | ((opIndex: number) => RoundingMode),
): Int8Array[] {
  const { graph } = model
  if (input.length !== elements(graph.shapes[0]!))
    throw new RangeError(`input has ${input.length} values, the network takes ${elements(graph.shapes[0]!)}`)
  const tensors = [input]
  graph.ops.forEach((op, i) => {
    const kernel = kernels[op.kind] as (op: never, at: ReferenceContext) => Int8Array
    tensors.push(
      kernel(op as never, {
        x: op.inputs.map((t) => tensors[t]!),
        shapes: op.inputs.map((t) => graph.shapes[t]!),
        params: op.inputs.map((t) => model.tensors[t]!),
        shape: graph.shapes[outputOf(i)]!,
        output: model.tensors[outputOf(i)]!,
        layer: model.layers[i],
        mode: typeof mode === 'string' ? mode : mode(i),
      }),
    )
  })
  return tensors
}

/** One operator's surroundings: input values, shapes and parameters; output shape and parameters. */
type ReferenceContext = {
  readonly x: readonly Int8Array[]
  readonly shapes: readonly Shape[]
  readonly params: readonly QuantParams[]
  readonly shape: Shape
  readonly output: QuantParams
  readonly layer: LayerParams | undefined
  readonly mode: RoundingMode
}

const kernels: { readonly [K in OpKind]: (op: OpOf<K>, at: ReferenceContext) => Int8Array } = {
  conv2d: convolve,
  depthwise: convolve,
  dense,
  averagePool: (op, at) =>
    pool(op, at, (values) =>
      averageQuantised(
        values.reduce((s, v) => s + v, 0),
        values.length,
      ),
    ),
  maxPool: (op, at) => pool(op, at, (values) => Math.max(...values)),
  add: (op, { x: [a, b], params: [pa, pb], output, mode }) => {
    const plan = planAdd(pa!, pb!, output, mode)
    const [low, high] = activationBounds(op.activation, output)
    return a!.map((v, i) => clampInt8(addQuantised(v, b![i]!, plan, pa!.zeroPoint, pb!.zeroPoint) + output.zeroPoint, low, high))
  },
  mul: (op, { x: [a, b], params: [pa, pb], output, mode }) => {
    const by = mulRescale(pa!, pb!, output)
    const [low, high] = activationBounds(op.activation, output)
    // one pixel multiplies all, or each its own
    return a!.map((v, i) =>
      clampInt8(rescale((v - pa!.zeroPoint) * (b![i % b!.length]! - pb!.zeroPoint), by, mode) + output.zeroPoint, low, high),
    )
  },
  mean: (_op, { x: [x], shapes, params: [input], output, mode }) => {
    const [h, w, c] = shapes[0]!
    const by = meanRescale(h * w, input!, output)
    return Int8Array.from({ length: c }, (_, channel) => {
      let sum = -input!.zeroPoint * h * w
      for (let i = 0; i < h * w; i++) sum += x![i * c + channel]!
      return clampInt8(rescale(sum, by, mode) + output.zeroPoint)
    })
  },
  softmax: (_op, { x, shape, params }) => softmaxQuantised(x[0]!, shape[2], params[0]!),
  reshape: (_op, { x }) => x[0]!.slice(),
  pad: (op, { x, shapes, shape, output }) => {
    const [h, w, c] = shapes[0]!
    const y = new Int8Array(elements(shape)).fill(output.zeroPoint)
    for (let row = 0; row < h; row++)
      y.set(x[0]!.subarray(row * w * c, (row + 1) * w * c), ((row + op.before[0]) * shape[1] + op.before[1]) * c)
    return y
  },
  concat: (_op, { x, shapes, shape }) => {
    const y = new Int8Array(elements(shape))
    let offset = 0
    x.forEach((values, n) => {
      const c = shapes[n]![2]
      for (let i = 0; i < shape[0] * shape[1]; i++) y.set(values.subarray(i * c, (i + 1) * c), i * shape[2] + offset)
      offset += c
    })
    return y
  },
  quantize: (_op, { x, params, output, mode }) =>
    x[0]!.map((v) => clampInt8(requantise(v, params[0]!, output, mode) + output.zeroPoint)),
  hardSwish: (_op, { x, params, output }) => {
    const table = hardSwishTable(params[0]!, output)
    return x[0]!.map((v) => table[v + 128]!)
  },
}

/** conv2d and depthwise (output channel o reads input channel floor(o / multiplier)). Taps outside the map are skipped: they are real zeros. */
function convolve(op: OpOf<'conv2d' | 'depthwise'>, at: ReferenceContext): Int8Array {
  const { bias } = at.layer!
  const { weights } = at.layer!.kernels[0]
  const [x] = at.x as [Int8Array]
  const [h, w, c] = at.shapes[0]!
  const [oh, ow, oc] = at.shape
  const [kh, kw] = op.kernel
  const top = padBefore(h, kh, op.stride[0], oh, op.padding)
  const left = padBefore(w, kw, op.stride[1], ow, op.padding)
  const zero = at.params[0]!.zeroPoint
  const finish = finisher(op, at)
  const y = new Int8Array(oh * ow * oc)
  for (let oy = 0; oy < oh; oy++)
    for (let ox = 0; ox < ow; ox++)
      for (let o = 0; o < oc; o++) {
        let sum = bias[o]!
        for (let ky = 0; ky < kh; ky++) {
          const iy = oy * op.stride[0] - top + ky
          if (iy < 0 || iy >= h) continue
          for (let kx = 0; kx < kw; kx++) {
            const ix = ox * op.stride[1] - left + kx
            if (ix < 0 || ix >= w) continue
            const from = (iy * w + ix) * c
            if (op.kind === 'depthwise')
              sum += (x[from + Math.floor(o / op.multiplier)]! - zero) * weights[(ky * kw + kx) * oc + o]!
            else for (let i = 0; i < c; i++) sum += (x[from + i]! - zero) * weights[((o * kh + ky) * kw + kx) * c + i]!
          }
        }
        y[(oy * ow + ox) * oc + o] = finish(sum, o)
      }
  return y
}

function dense(op: OpOf<'dense'>, at: ReferenceContext): Int8Array {
  const { bias } = at.layer!
  const { weights } = at.layer!.kernels[0]
  const [x] = at.x as [Int8Array]
  const zero = at.params[0]!.zeroPoint
  const finish = finisher(op, at)
  return Int8Array.from({ length: op.units }, (_, o) => {
    let sum = bias[o]!
    for (let i = 0; i < x.length; i++) sum += (x[i]! - zero) * weights[o * x.length + i]!
    return finish(sum, o)
  })
}

function finisher(op: LayerOp, { layer, params, output, mode }: ReferenceContext) {
  const by = layerRescales(op, layer!.kernels[0], params[0]!, output)
  const [low, high] = activationBounds(op.activation, output)
  return (sum: number, channel: number) =>
    clampInt8(rescale(sum | 0, by[by.length === 1 ? 0 : channel]!, mode) + output.zeroPoint, low, high)
}

/** Windows are cut at the border; input and output share their parameters. */
function pool(
  op: OpOf<'averagePool' | 'maxPool'>,
  at: ReferenceContext,
  reduce: (values: readonly number[]) => number,
): Int8Array {
  const [h, w, c] = at.shapes[0]!
  const [oh, ow] = at.shape
  const top = padBefore(h, op.kernel[0], op.stride[0], oh, op.padding)
  const left = padBefore(w, op.kernel[1], op.stride[1], ow, op.padding)
  const [low, high] = activationBounds(op.activation, at.output)
  const y = new Int8Array(oh * ow * c)
  for (let oy = 0; oy < oh; oy++)
    for (let ox = 0; ox < ow; ox++)
      for (let channel = 0; channel < c; channel++) {
        const values: number[] = []
        for (let iy = Math.max(0, oy * op.stride[0] - top); iy < Math.min(h, oy * op.stride[0] - top + op.kernel[0]); iy++)
          for (let ix = Math.max(0, ox * op.stride[1] - left); ix < Math.min(w, ox * op.stride[1] - left + op.kernel[1]); ix++)
            values.push(at.x[0]![(iy * w + ix) * c + channel]!)
        y[(oy * ow + ox) * c + channel] = clampInt8(reduce(values), low, high)
      }
  return y
}
