import {
  type Activation,
  type Graph,
  hasBatchNorm,
  hasWeights,
  isWindowed,
  type Op,
  outputOf,
  padBefore,
} from '../../graph/graph.ts'
import { type BackwardStep, planBackward } from './backward-plan.ts'
import { createRegions } from './regions.ts'
import { checkTrainable, logitsTensor, trainedOps } from './support.ts'

/** Channels are stored in fours; the padding stays zero in values, weights and gradients. */
export const pad4 = (n: number): number => (n + 3) & ~3
export const activationCode = (activation: Activation): number => (activation === 'none' ? 0 : activation === 'relu' ? 1 : 2)

/**
 * Where a tensor is found: `[batch, pixels, stride]` floats at `at`. With `affine` 0 these are its values; otherwise the convolution's
 * output z, from which the one reader recomputes activation(scale * z + shift) while the block is in cache.
 */
export type Place = {
  readonly pixels: number
  readonly channels: number
  readonly stride: number
  readonly at: number
  readonly affine: number
  readonly activation: number
}

export type Geometry = {
  readonly window: readonly [kh: number, kw: number, sh: number, sw: number, top: number, left: number]
  readonly padded: readonly [h: number, w: number]
  readonly input: readonly [h: number, w: number]
  readonly output: readonly [h: number, w: number]
}

/** An operator with weights. Addresses of parameters are offsets (bytes) into the four vectors of `Layout.vectors`. */
export type Layer = {
  readonly form: 'matrix' | 'conv' | 'depthwise'
  /** Weights are a matrix [K, N] (depthwise: [taps, N]); z has `rows` rows an example. */
  readonly K: number
  readonly N: number
  readonly rows: number
  readonly channels: number
  readonly activation: number
  readonly kernel: number
  readonly kernelFloats: number
  /** gamma and beta, or (gamma absent) the bias. */
  readonly gamma: number | undefined
  readonly beta: number
  /** Running statistics: addresses. */
  readonly mean: number
  readonly variance: number
  readonly z: number
  /** The values themselves, 0 where nobody needs them stored. */
  readonly out: number
  readonly affine: number
  readonly coefficients: number
  readonly sums: number
  readonly gradientSums: number
  readonly blockRows: number
}

/** Every address of one network in training: the memory plan. A pure function of graph, batch size and base address. */
export type Layout = {
  readonly graph: Graph
  readonly ops: readonly Op[]
  readonly batch: number
  readonly bytes: number
  readonly places: readonly Place[]
  readonly layers: ReadonlyMap<number, Layer>
  readonly geometry: ReadonlyMap<number, Geometry>
  /** Parameters, their gradients, and the optimizer's two moments: `floats` each, the first `kernelFloats` of them kernels. */
  readonly vectors: { readonly parameters: number; readonly gradients: number; readonly first: number; readonly second: number }
  readonly floats: number
  readonly kernelFloats: number
  readonly statistics: { readonly at: number; readonly floats: number }
  readonly outputs: number
  readonly logits: number
  readonly logitsGradient: number
  readonly targets: number
  readonly teacher: number
  readonly classWeights: number
  readonly packed: number
  readonly partial: number
  readonly scratch: number
  /** Gradients of activations by lifetime; between steps two spare tensors of any size. */
  readonly pool: number
  readonly spare: number
  readonly backward: { readonly steps: readonly BackwardStep[]; readonly start: number }
}

/** Rows of a block: as many as keep both of its sides within the first-level cache. */
const blockRows = (K: number, N: number): number => Math.min(96, Math.max(24, Math.floor(512 / Math.max(K, N)) * 12))

export function planLayout(graph: Graph, batch: number, base: number): Layout {
  checkTrainable(graph)
  const ops = trainedOps(graph)
  const logitsAt = logitsTensor(graph)
  const readers = countReaders(ops, graph.shapes.length)
  const regions = createRegions(base)
  const take = (floats: number) => regions.take(4 * floats)
  const shapes = graph.shapes
  const pixelsOf = (t: number) => shapes[t]![0] * shapes[t]![1]
  const inputStride = readers[0]!.every((i) => ops[i]!.kind === 'conv2d' && !isPointwise(ops[i]!))
    ? shapes[0]![2]
    : pad4(shapes[0]![2])
  const strideOf = (t: number) => (t === 0 ? inputStride : pad4(shapes[t]![2]))
  const floatsOf = (t: number) => batch * pixelsOf(t) * strideOf(t)

  const geometry = new Map(ops.flatMap((op, i) => (isWindowed(op) ? [[i, geometryOf(graph, op, i)] as const] : [])))
  const matrices = new Map(ops.flatMap((op, i) => (hasWeights(op) ? [[i, matrixOf(graph, op, i, strideOf)] as const] : [])))

  // Kernels come first in the vectors: weight decay touches them only.
  let floats = 0
  const kernels = new Map([...matrices].map(([i, m]) => [i, 4 * (floats += m.kernelFloats) - 4 * m.kernelFloats]))
  const kernelFloats = floats
  const offset = (n: number) => 4 * ((floats += n) - n)
  const rest = new Map(
    [...matrices].map(([i, { N }]) => {
      const gamma = hasBatchNorm(ops[i]!) ? offset(N) : undefined
      return [i, { gamma, beta: offset(N) }] as const
    }),
  )
  const vectors = { parameters: take(floats), gradients: take(floats), first: take(floats), second: take(floats) }
  const statisticsFloats = [...matrices.values()].reduce((sum, { N }) => sum + 2 * N, 0)
  const statistics = { at: take(statisticsFloats), floats: statisticsFloats }
  let nextStatistic = statistics.at
  const statistic = (n: number) => (nextStatistic += 4 * n) - 4 * n

  const layers = new Map<number, Layer>()
  const places: Place[] = [
    { pixels: pixelsOf(0), channels: shapes[0]![2], stride: inputStride, at: take(floatsOf(0)), affine: 0, activation: 0 },
  ]
  ops.forEach((op, i) => {
    const t = outputOf(i)
    const place = { pixels: pixelsOf(t), channels: shapes[t]![2], stride: strideOf(t) }
    const matrix = matrices.get(i)
    if (!matrix) {
      places.push({ ...place, at: take(floatsOf(t)), affine: 0, activation: 0 })
      return
    }
    const folded = t !== logitsAt && readers[t]!.length === 1 && recomputes(ops[readers[t]![0]!]!, pixelsOf(t))
    const { N } = matrix
    const z = take(floatsOf(t))
    const out = folded ? 0 : take(floatsOf(t))
    const affine = take(4 * N)
    const activation = activationCode(
      op.kind === 'conv2d' || op.kind === 'depthwise' || op.kind === 'dense' ? op.activation : 'none',
    )
    layers.set(i, {
      ...matrix,
      ...rest.get(i)!,
      channels: place.channels,
      activation,
      kernel: kernels.get(i)!,
      mean: statistic(N),
      variance: statistic(N),
      z,
      out,
      affine,
      coefficients: take(2 * N),
      sums: take(4 * N),
      gradientSums: take(4 * N),
      blockRows: blockRows(matrix.K, N),
    })
    places.push({ ...place, at: folded ? z : out, affine: folded ? affine : 0, activation: folded ? activation : 0 })
  })

  const outputs = pixelsOf(logitsAt) * shapes[logitsAt]![2]
  const plan = planBackward(
    ops,
    logitsAt,
    places.map((p) => 4 * batch * p.pixels * p.stride),
    places.map((p) => p.affine !== 0),
  )
  const largest = Math.max(...places.map((p) => batch * p.pixels * p.stride))
  const scratch = [...layers].map(([i, l]) => scratchFloats(l, geometry.get(i), strideOf(ops[i]!.inputs[0]!)))
  const all = [...layers.values()]
  const pool = regions.take(Math.max(plan.bytes, 2 * 4 * largest))
  return {
    graph,
    ops,
    batch,
    places,
    layers,
    geometry,
    vectors,
    floats,
    kernelFloats,
    statistics,
    outputs,
    logits: take(batch * outputs),
    logitsGradient: take(batch * outputs),
    targets: take(batch * outputs),
    teacher: take(batch * outputs),
    classWeights: take(outputs),
    packed: take(Math.max(0, ...all.map((l) => l.K * l.N))),
    partial: take(2 * Math.max(0, ...all.map((l) => l.N), ...places.map((p) => p.stride))),
    scratch: take(Math.max(0, ...scratch)),
    pool,
    spare: pool + 4 * largest,
    backward: plan,
    bytes: regions.end - base,
  }
}

function countReaders(ops: readonly Op[], tensors: number): readonly number[][] {
  const readers: number[][] = Array.from({ length: tensors }, () => [])
  ops.forEach((op, i) => {
    for (const t of op.inputs) readers[t]!.push(i)
  })
  return readers
}

/** Operators that apply their input's batch norm and activation themselves. */
const recomputes = (reader: Op, pixels: number): boolean =>
  reader.kind === 'conv2d' || reader.kind === 'depthwise' || reader.kind === 'add' || (reader.kind === 'dense' && pixels === 1)

const isPointwise = (op: Op): boolean =>
  op.kind === 'conv2d' && op.kernel[0] === 1 && op.kernel[1] === 1 && op.stride[0] === 1 && op.stride[1] === 1

function geometryOf(graph: Graph, op: Extract<Op, { kernel: unknown }>, i: number): Geometry {
  const [h, w] = graph.shapes[op.inputs[0]]!
  const [oh, ow] = graph.shapes[outputOf(i)]!
  const [kh, kw] = op.kernel
  const [sh, sw] = op.stride
  const top = padBefore(h, kh, sh, oh, op.padding)
  const left = padBefore(w, kw, sw, ow, op.padding)
  return {
    window: [kh, kw, sh, sw, top, left],
    padded: [Math.max((oh - 1) * sh + kh, top + h), Math.max((ow - 1) * sw + kw, left + w)],
    input: [h, w],
    output: [oh, ow],
  }
}

type Matrix = Pick<Layer, 'form' | 'K' | 'N' | 'rows' | 'kernelFloats'>

function matrixOf(
  graph: Graph,
  op: Extract<Op, { kind: 'conv2d' | 'depthwise' | 'dense' }>,
  i: number,
  strideOf: (t: number) => number,
): Matrix {
  const t = op.inputs[0]
  const [h, w, c] = graph.shapes[t]!
  const [oh, ow, channels] = graph.shapes[outputOf(i)]!
  const N = pad4(channels)
  const rows = oh * ow
  if (op.kind === 'depthwise') {
    const taps = op.kernel[0] * op.kernel[1]
    return { form: 'depthwise', K: taps, N, rows, kernelFloats: taps * N }
  }
  const form = op.kind === 'dense' || isPointwise(op) ? 'matrix' : 'conv'
  const K = op.kind === 'dense' ? h * w * strideOf(t) : form === 'matrix' ? strideOf(t) : pad4(op.kernel[0] * op.kernel[1] * c)
  return { form, K, N, rows, kernelFloats: K * N }
}

/** What the kernels ask for (`assembly/float`), forward and backward. */
function scratchFloats({ form, K, N, blockRows }: Layer, geometry: Geometry | undefined, stride: number): number {
  if (form === 'matrix') return blockRows * (K + N)
  const { window, padded, output } = geometry!
  const image = padded[0] * padded[1] * stride
  if (form === 'conv') return 2 * image + blockRows * (2 * K + N) + 16
  const [kh, kw, sh, sw] = window
  const around = (n: number, k: number, s: number) => n + 2 * (Math.floor((k - 1) / s) + 1)
  return image + around(output[0], kh, sh) * around(output[1], kw, sw) * N
}
