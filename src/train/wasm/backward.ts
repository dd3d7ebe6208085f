import type { OpOf } from '../../graph/graph.ts'
import { activationOf, type TrainableKind } from '../../graph/traits.ts'
import type { BackwardStep } from './backward-plan.ts'
import type { FloatKernels } from './kernels.ts'
import { type Layer, type Layout, layerInput, type Place } from './layout.ts'
import { activationCode } from './sizes.ts'

export type BackwardClosure = (count: number, frozen: boolean) => void

type BackwardContext = {
  readonly layout: Layout
  readonly k: FloatKernels
  readonly i: number
  readonly dy: number
  /** 0: not wanted */
  readonly dx: number
  readonly reduced: boolean
}

/** The planned backward pass, addresses bound once. */
export const backwardSteps = (layout: Layout, k: FloatKernels): readonly BackwardClosure[] =>
  layout.backward.steps.map((step) => bind(step, layout, k))

function bind(step: BackwardStep, layout: Layout, k: FloatKernels): BackwardClosure {
  const { pool, places, ops } = layout
  if (step.kind === 'operator') {
    const { op: i, reduced } = step
    const site = { layout, k, i, dy: pool + step.dy, dx: step.dx < 0 ? 0 : pool + step.dx, reduced }
    const op = ops[i]!
    return backward[op.kind](op as never, site)
  }
  if (step.kind === 'mask') {
    const op = ops[step.op]!
    const { pixels, stride, at } = places[step.op + 1]!
    const activation = activationCode(activationOf(op))
    return (count) => k.maskBackward(count * pixels * stride, at, activation, pool + step.dy, pool + step.dx)
  }
  if (step.kind === 'product') {
    const [a, b] = ops[step.op]!.inputs.map((t) => places[t]!) as [Place, Place]
    const [da, db] = [step.da, step.db].map((at) => (at < 0 ? 0 : pool + at)) as [number, number]
    const shared = a.pixels / b.pixels
    return (count) => k.mulBackward(count * b.pixels, shared, a.stride, pool + step.dy, a.at, b.at, da, db)
  }
  const { pixels, stride } = places[step.tensor]!
  const [a, b, to] = [pool + step.a, pool + step.b, pool + step.to]
  return a === to ? (count) => k.addInto(count * pixels * stride, b, a) : (count) => k.sum(count * pixels * stride, a, b, to)
}

const planned = (): never => {
  throw new RangeError('the plan has a step of its own for it')
}

const backward: { readonly [K in TrainableKind]: (op: OpOf<K>, site: BackwardContext) => BackwardClosure } = {
  conv2d: (_op, site) => layerStep(site),
  depthwise: (_op, site) => layerStep(site),
  dense: (_op, site) => layerStep(site),
  // The plan shares an addition's gradient between its sides, and has a step of its own for a product's.
  add: planned,
  mul: planned,
  averagePool(op, { layout, k, i, dy, dx }) {
    const g = layout.geometry.get(i)!
    const y = layout.places[i + 1]!
    const activation = activationCode(op.activation)
    return (count) => k.averageBackward(count, ...g.input, y.stride, ...g.window, ...g.output, y.at, activation, dy, dx)
  },
  maxPool(op, { layout, k, i, dy, dx }) {
    const g = layout.geometry.get(i)!
    const x = layout.places[op.inputs[0]]!
    const y = layout.places[i + 1]!
    const activation = activationCode(op.activation)
    return (count) => k.maxBackward(count, ...g.input, y.stride, ...g.window, ...g.output, x.at, y.at, activation, dy, dx)
  },
  mean(op, { layout, k, dy, dx }) {
    const x = layout.places[op.inputs[0]]!
    return (count) => k.meanBackward(count, x.pixels, x.stride, dy, dx)
  },
  hardSwish(op, { layout, k, dy, dx }) {
    const x = layout.places[op.inputs[0]]!
    return (count) => k.hardSwishBackward(count * x.pixels, x.stride, x.at, x.affine, x.activation, dy, dx)
  },
}

function layerStep(site: BackwardContext): BackwardClosure {
  const { layout, k, i, dy, reduced } = site
  const layer = layout.layers.get(i)!
  const { gradients } = layout.vectors
  const { N, rows, z, affine, activation, gain, gradientSums, coefficients, gamma, beta } = layer
  const propagate = propagation(site, layer)
  const undrop = dropStep(site)
  const parts = gamma === undefined ? [beta] : [gamma, beta]
  return (count, frozen) => {
    const M = count * rows
    if (!reduced) k.normReduce(M, N, dy, z, affine, activation, gradientSums, layout.partial)
    k.normGradient(
      M,
      N,
      gradientSums,
      affine,
      frozen || gamma === undefined ? 1 : 0,
      gamma === undefined ? 0 : gradients + gamma,
      gradients + beta,
      coefficients,
    )
    if (gain !== 1) for (const part of parts) k.scale(N, gradients + part, gain)
    propagate(count)
    undrop?.(count)
  }
}

/** The gradient of what dropout made to that of what it read, in place. */
function dropStep({ layout, k, i, dx }: BackwardContext): ((count: number) => void) | undefined {
  const { dropout } = layout
  if (dropout?.op !== i || !dx) return undefined
  const { pixels, stride, at } = layerInput(layout, i)
  return (count) => k.mulBackward(count * pixels, 1, stride, dx, at, dropout.factors, dx, 0)
}

/** Gradients of kernel and input; where the input is recomputed from the layer before, that layer's batch-norm sums as well. */
function propagation({ layout, k, i, dy, dx }: BackwardContext, layer: Layer): (count: number) => void {
  const { packed, partial, scratch, geometry, ops, layers, vectors } = layout
  const { K, N, rows, z, affine, coefficients, activation, blockRows, weights } = layer
  const source = ops[i]!.inputs[0]!
  const x = layerInput(layout, i)
  const dW = vectors.gradients + layer.kernel
  const inSums = dx && x.affine ? layers.get(source - 1)!.gradientSums : 0
  const own = [dy, z, affine, coefficients, activation, x.at, x.affine, x.activation] as const
  if (layer.form === 'matrix')
    return (count) => {
      if (dx) k.packTransposed(K, N, weights, packed)
      k.matrixBackward(count * rows, N, K, ...own, packed, dW, dx, inSums, partial, blockRows, scratch)
    }
  const g = geometry.get(i)!
  const shape = [...g.window, ...g.padded, ...g.output] as const
  if (layer.form === 'depthwise')
    return (count) => k.depthwiseBackward(count, ...g.input, N, ...shape, ...own, weights, dW, dx, inSums, partial, scratch)
  return (count) => {
    if (dx) k.packTransposed(K, N, weights, packed)
    const C = x.channels
    k.convBackward(count, ...g.input, C, x.stride, ...shape, N, K, ...own, packed, dW, dx, inSums, partial, blockRows, scratch)
  }
}
