import type { OpOf } from '../../graph/graph.ts'
import type { TrainableKind } from '../../graph/traits.ts'
import { batchNormEpsilon } from '../../graph/weights.ts'
import type { FloatKernels } from './kernels.ts'
import { type Layer, type Layout, layerInput, type Place } from './layout.ts'
import type { Geometry } from './sizes.ts'

/** Where batch norm takes its statistics: this batch (and the running ones keep this share of themselves), or the running ones. */
export type Statistics = { readonly from: 'batch'; readonly keep: number } | { readonly from: 'running' }
export type ForwardStep = (count: number, statistics: Statistics) => void

type ForwardContext = {
  readonly layout: Layout
  readonly k: FloatKernels
  readonly i: number
  readonly input: Place
  readonly output: Place
  /** Of the tensor that is made. */
  readonly activation: number
}

/** One step per operator, addresses bound once: a training step is a walk over closures. */
export const forwardSteps = (layout: Layout, k: FloatKernels): readonly ForwardStep[] =>
  layout.ops.map((op, i) =>
    forward[op.kind](op as never, {
      layout,
      k,
      i,
      input: layout.places[op.inputs[0]!]!,
      output: layout.places[i + 1]!,
      activation: layout.activations.of[i + 1]!,
    }),
  )

const forward: { readonly [K in TrainableKind]: (op: OpOf<K>, site: ForwardContext) => ForwardStep } = {
  conv2d: (_op, site) => layerStep(site),
  depthwise: (_op, site) => layerStep(site),
  dense: (_op, site) => layerStep(site),
  add(op, { layout, k, input: a, output, activation }) {
    const b = layout.places[op.inputs[1]]!
    return (count) =>
      k.addForward(count * a.pixels, a.stride, a.at, a.affine, a.activation, b.at, b.affine, b.activation, activation, output.at)
  },
  averagePool: (_op, site) => poolStep(site.k.averageForward, site),
  maxPool: (_op, site) => poolStep(site.k.maxForward, site),
  mean:
    (_op, { k, input, output, activation }) =>
    (count) => {
      k.meanForward(count, input.pixels, input.stride, input.at, output.at)
      if (activation) k.activateInPlace(count * output.stride, output.at, activation)
    },
  mul(op, { layout, k, input: a, output, activation }) {
    const b = layout.places[op.inputs[1]]!
    const shared = a.pixels / b.pixels
    return (count) => k.mulForward(count * b.pixels, shared, a.stride, a.at, b.at, activation, output.at)
  },
  hardSwish:
    (_op, { k, input: x, output, activation }) =>
    (count) =>
      k.hardSwishForward(count * x.pixels, x.stride, x.at, x.affine, x.activation, activation, output.at),
}

function poolStep(kernel: FloatKernels['maxForward'], { layout, i, input, output, activation }: ForwardContext): ForwardStep {
  const g = layout.geometry.get(i)!
  return (count) => kernel(count, ...g.input, input.stride, ...g.window, ...g.output, input.at, activation, output.at)
}

function layerStep(site: ForwardContext): ForwardStep {
  const { layout, k, i } = site
  const layer = layout.layers.get(i)!
  const drop = dropStep(site)
  const convolve = convolution({ ...site, input: layerInput(layout, i) }, layer)
  const normalise = normalisation(site, layer)
  const { N, rows, z, affine, activation, out } = layer
  return (count, statistics) => {
    drop?.(count)
    convolve(count, statistics.from === 'batch' && layer.gamma !== undefined ? layer.sums : 0)
    normalise(count, statistics)
    if (out) k.normApply(count * rows, N, z, affine, activation, out)
  }
}

function dropStep({ layout: { dropout }, k, i, input }: ForwardContext): ((count: number) => void) | undefined {
  if (dropout?.op !== i) return undefined
  return (count) => k.mulForward(count * input.pixels, 1, input.stride, input.at, dropout.factors, 0, dropout.at)
}

function convolution({ layout, k, i, input }: ForwardContext, layer: Layer): (count: number, sums: number) => void {
  const { packed, partial, scratch, geometry } = layout
  const { K, N, rows, z, blockRows, weights } = layer
  const { at, affine, activation, stride, channels } = input
  if (layer.form === 'matrix')
    return (count, sums) => {
      k.pack(K, N, weights, packed)
      k.matrixForward(count * rows, N, K, at, affine, activation, packed, z, sums, partial, blockRows, scratch)
    }
  const g: Geometry = geometry.get(i)!
  const shape = [...g.window, ...g.padded, ...g.output] as const
  if (layer.form === 'depthwise')
    return (count, sums) =>
      k.depthwiseForward(count, ...g.input, N, ...shape, at, affine, activation, weights, z, sums, partial, scratch)
  return (count, sums) => {
    k.pack(K, N, weights, packed)
    k.convForward(
      count,
      ...g.input,
      channels,
      stride,
      ...shape,
      N,
      K,
      at,
      affine,
      activation,
      packed,
      z,
      sums,
      partial,
      blockRows,
      scratch,
    )
  }
}

function normalisation(site: ForwardContext, layer: Layer): ForwardStep {
  const { N, channels, gain, shift, affine } = layer
  const prepare = affineOf(site, layer)
  if (gain === 1) return prepare
  return (count, statistics) => {
    prepare(count, statistics)
    site.k.rescaleAffine(N, channels, gain, shift, affine)
  }
}

function affineOf({ layout, k }: ForwardContext, { N, rows, sums, gamma, beta, mean, variance, affine }: Layer): ForwardStep {
  const { parameters } = layout.vectors
  if (gamma === undefined) return () => k.biasPrepare(N, parameters + beta, affine)
  return (count, statistics) =>
    statistics.from === 'batch'
      ? k.normPrepare(
          count * rows,
          N,
          sums,
          parameters + gamma,
          parameters + beta,
          mean,
          variance,
          statistics.keep,
          batchNormEpsilon,
          affine,
        )
      : k.normFreeze(N, parameters + gamma, parameters + beta, mean, variance, batchNormEpsilon, affine)
}
