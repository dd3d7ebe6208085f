import { elements, type Graph, type Op, outputOf, padBefore, type Shape } from '../../../src/graph/graph.ts'
import { batchNormEpsilon, weightName } from '../../../src/graph/weights.ts'
import type { Loss } from '../../../src/task/loss.ts'
import type { Batch, StepOptions } from '../../../src/train/engine.ts'

/** The oracle: the whole network in double precision, written as the definitions read, one loop per index. */
export type Doubles = Record<string, Float64Array>

const activate = (v: number, activation: string): number =>
  activation === 'hardSigmoid'
    ? Math.min(Math.max(v / 6 + 0.5, 0), 1)
    : activation === 'none'
      ? v
      : activation === 'relu'
        ? Math.max(v, 0)
        : Math.min(Math.max(v, 0), 6)

/** Every tensor of the graph, `[count, h, w, c]`, as `settle` leaves it; a final softmax is left out (the last entry is then missing). */
export function referenceForward(
  graph: Graph,
  weights: Doubles,
  inputs: ArrayLike<number>,
  count: number,
  frozen: boolean,
  settle: (tensor: number, values: Float64Array) => Float64Array = (_tensor, values) => values,
): Float64Array[] {
  const tensors = [settle(0, Float64Array.from(inputs))]
  graph.ops.forEach((op, i) => {
    if (op.kind === 'softmax') return
    const y = new Float64Array(count * elements(graph.shapes[outputOf(i)]!))
    const x = tensors[op.inputs[0]!]!
    const xs = graph.shapes[op.inputs[0]!]!
    const ys = graph.shapes[outputOf(i)]!
    if (op.kind === 'add') y.set(x.map((v, k) => v + tensors[op.inputs[1]]![k]!))
    else if (op.kind === 'mul') multiply(x, tensors[op.inputs[1]]!, count, ys[2], y)
    else if (op.kind === 'hardSwish') y.set(x.map((v) => (v * Math.min(Math.max(v + 3, 0), 6)) / 6))
    else if (op.kind === 'dense') dense(op.units, x, y, count, weights[weightName(i, 'kernel')]!, weights[weightName(i, 'bias')]!)
    else if (op.kind === 'mean') {
      for (let n = 0; n < count; n++)
        for (let p = 0; p < xs[0] * xs[1]; p++)
          for (let c = 0; c < xs[2]; c++) y[n * xs[2] + c]! += x[(n * xs[0] * xs[1] + p) * xs[2] + c]! / (xs[0] * xs[1])
    } else windows(op, xs, ys, count, x, y, weights[weightName(i, 'kernel')])
    if (op.kind === 'conv2d' || op.kind === 'depthwise') normalise(i, ys, count, y, weights, frozen)
    if ('activation' in op) y.set(y.map((v) => activate(v, op.activation)))
    tensors.push(settle(outputOf(i), y))
  })
  return tensors
}

/** b is as large as a, or one pixel an example. */
function multiply(a: Float64Array, b: Float64Array, count: number, channels: number, y: Float64Array): void {
  const size = a.length / count
  for (let n = 0; n < count; n++)
    for (let k = 0; k < size; k++)
      y[n * size + k] = a[n * size + k]! * b[b.length === a.length ? n * size + k : n * channels + (k % channels)]!
}

function dense(units: number, x: Float64Array, y: Float64Array, count: number, kernel: Float64Array, bias: Float64Array): void {
  const size = x.length / count
  for (let n = 0; n < count; n++)
    for (let u = 0; u < units; u++) {
      let sum = bias[u]!
      for (let k = 0; k < size; k++) sum += x[n * size + k]! * kernel[u * size + k]!
      y[n * units + u] = sum
    }
}

function windows(op: Op, xs: Shape, ys: Shape, count: number, x: Float64Array, y: Float64Array, kernel?: Float64Array): void {
  if (!('kernel' in op)) throw new Error(op.kind)
  const [kh, kw] = op.kernel
  const top = padBefore(xs[0], kh, op.stride[0], ys[0], op.padding)
  const left = padBefore(xs[1], kw, op.stride[1], ys[1], op.padding)
  let at = 0
  for (let n = 0; n < count; n++)
    for (let oh = 0; oh < ys[0]; oh++)
      for (let ow = 0; ow < ys[1]; ow++)
        for (let o = 0; o < ys[2]; o++) {
          let sum = 0
          let seen = 0
          let most = -Infinity
          for (let i = 0; i < kh; i++)
            for (let j = 0; j < kw; j++) {
              const h = oh * op.stride[0] + i - top
              const w = ow * op.stride[1] + j - left
              if (h < 0 || h >= xs[0] || w < 0 || w >= xs[1]) continue
              const pixel = ((n * xs[0] + h) * xs[1] + w) * xs[2]
              seen++
              if (op.kind === 'conv2d')
                for (let c = 0; c < xs[2]; c++) sum += x[pixel + c]! * kernel![((o * kh + i) * kw + j) * xs[2] + c]!
              else if (op.kind === 'depthwise') sum += x[pixel + o]! * kernel![(i * kw + j) * ys[2] + o]!
              else sum += x[pixel + o]!
              most = Math.max(most, x[pixel + o]!)
            }
          y[at++] = op.kind === 'averagePool' ? sum / seen : op.kind === 'maxPool' ? most : sum
        }
}

function normalise(i: number, [h, w, channels]: Shape, count: number, y: Float64Array, weights: Doubles, frozen: boolean): void {
  const part = (name: 'gamma' | 'beta' | 'mean' | 'variance') => weights[weightName(i, name)]!
  const rows = count * h * w
  for (let c = 0; c < channels; c++) {
    let mean = 0
    let variance = 0
    for (let r = 0; r < rows; r++) mean += y[r * channels + c]! / rows
    for (let r = 0; r < rows; r++) variance += (y[r * channels + c]! - mean) ** 2 / rows
    if (frozen) [mean, variance] = [part('mean')[c]!, part('variance')[c]!]
    const scale = part('gamma')[c]! / Math.sqrt(variance + batchNormEpsilon)
    for (let r = 0; r < rows; r++) y[r * channels + c] = (y[r * channels + c]! - mean) * scale + part('beta')[c]!
  }
}

const softmax = (logits: readonly number[], temperature: number): number[] => {
  const e = logits.map((v) => Math.exp((v - Math.max(...logits)) / temperature))
  const sum = e.reduce((a, b) => a + b, 0)
  return e.map((v) => v / sum)
}

const huber = (e: number, delta: number): number => (Math.abs(e) <= delta ? e ** 2 / 2 : delta * (Math.abs(e) - delta / 2))

/** The loss as `engine.ts` words it. */
export function referenceLoss(logits: ArrayLike<number>, batch: Batch, loss: Loss, options: StepOptions): number {
  const width = logits.length / batch.count
  const row = (a: ArrayLike<number>, n: number) => Array.from({ length: width }, (_, k) => a[n * width + k]!)
  const distillation = batch.teacherLogits ? options.distillation : undefined
  const alpha = distillation?.alpha ?? 1
  let total = 0
  for (let n = 0; n < batch.count; n++) {
    const z = row(logits, n)
    const t = row(batch.targets, n)
    const teacher = batch.teacherLogits ? row(batch.teacherLogits, n) : t
    if (loss.kind === 'crossEntropy') {
      const q = t.map((v) => v * (1 - loss.labelSmoothing) + loss.labelSmoothing / width)
      const weight = loss.classWeights ? t.reduce((a, v, k) => a + v * loss.classWeights![k]!, 0) : 1
      const p = softmax(z, 1)
      total += alpha * weight * -q.reduce((a, v, k) => a + v * Math.log(p[k]!), 0)
      if (distillation) {
        const [s, m] = [softmax(z, distillation.temperature), softmax(teacher, distillation.temperature)]
        total += (1 - alpha) * distillation.temperature ** 2 * m.reduce((a, v, k) => a + v * Math.log(v / s[k]!), 0)
      }
    } else {
      const one = (e: number) => (loss.kind === 'mse' ? e ** 2 : huber(e, loss.delta)) / width
      total += z.reduce((a, v, k) => a + alpha * one(v - t[k]!) + (1 - alpha) * one(v - teacher[k]!), 0)
    }
  }
  return total / batch.count
}

export const toDoubles = (weights: Readonly<Record<string, Float32Array>>): Doubles =>
  Object.fromEntries(Object.entries(weights).map(([name, values]) => [name, Float64Array.from(values)]))
