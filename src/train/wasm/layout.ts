import { type Graph, outputOf, scaleAndShift } from '../../graph/graph.ts'
import { hasWeights, isWindowed, type TrainableOp } from '../../graph/traits.ts'
import type { TrainerOptions } from '../engine.ts'
import { classifier, logitsTensor, trainedOps } from '../trainable.ts'
import { type Activations, planActivations } from './activations.ts'
import { type BackwardPlan, planBackward } from './backward-plan.ts'
import { createRegions } from './regions.ts'
import { type Geometry, geometryOf, isFolded, type Matrix, matrixOf, strideOf } from './sizes.ts'
import { type Offsets, placeParameters } from './vectors.ts'

/**
 * Where a tensor is found: `[batch, pixels, stride]` floats at `at`. With `affine` 0 these are its values; otherwise the convolution's
 * output z, from which its reader recomputes activation(scale * z + shift).
 */
export type Place = {
  readonly pixels: number
  readonly channels: number
  readonly stride: number
  readonly at: number
  readonly affine: number
  readonly activation: number
}

/** An operator with weights: its sizes, the offsets of its parameters and the addresses of what it keeps between forward and backward. */
export type Layer = Matrix &
  Offsets & {
    readonly channels: number
    readonly activation: number
    /** What the activation function does before it clamps. */
    readonly gain: number
    readonly shift: number
    /** The kernel that it computes with: its parameters, or what int8 can hold of them. */
    readonly weights: number
    /** Running statistics. */
    readonly mean: number
    readonly variance: number
    readonly z: number
    /** The values themselves, 0 where they are folded into their reader. */
    readonly out: number
    readonly affine: number
    readonly coefficients: number
    readonly sums: number
    readonly gradientSums: number
  }

/** Every address of one network in training: the memory plan. A pure function of graph, batch size and base address. */
export type Layout = {
  readonly graph: Graph
  readonly ops: readonly TrainableOp[]
  readonly bytes: number
  readonly places: readonly Place[]
  readonly activations: Activations
  /** Before layer `op`: its input times the factors of this step (ones outside of training), and where the product lies. */
  readonly dropout: { readonly op: number; readonly factors: number; readonly at: number } | undefined
  readonly layers: ReadonlyMap<number, Layer>
  readonly geometry: ReadonlyMap<number, Geometry>
  readonly vectors: { readonly parameters: number; readonly gradients: number; readonly first: number; readonly second: number }
  readonly floats: number
  readonly kernelFloats: number
  readonly statistics: { readonly at: number; readonly floats: number }
  /** Floats of one example's logits; logits and targets are stored without padding. */
  readonly outputs: number
  readonly logits: number
  readonly logitsGradient: number
  readonly targets: number
  readonly teacher: number
  readonly classWeights: number
  readonly packed: number
  readonly partial: number
  readonly scratch: number
  /** Gradients of activations by lifetime; outside of the backward pass room for two tensors of any size, at `pool` and at `spare`. */
  readonly pool: number
  readonly spare: number
  readonly backward: BackwardPlan
}

/** What of a trainer's options decides about memory. */
export type LayoutOptions = Pick<TrainerOptions, 'fakeInt8' | 'dropout'>

export function planLayout(
  graph: Graph,
  batch: number,
  base: number,
  { fakeInt8, dropout: rate = 0 }: LayoutOptions = {},
): Layout {
  const ops = trainedOps(graph)
  const dropped = rate > 0 ? classifier(graph) : undefined
  const regions = createRegions(base)
  const take = (floats: number) => regions.take(4 * floats)
  const frame = { graph, ops, batch, take, logits: logitsTensor(graph), dropped }

  const matrices = new Map(
    ops.flatMap((op, i) => (hasWeights(op) ? [[i, matrixOf(graph, op, i, strideOf(graph, ops, op.inputs[0]))] as const] : [])),
  )
  const placed = placeParameters(ops, matrices)
  const { floats } = placed
  const vectors = { parameters: take(floats), gradients: take(floats), first: take(floats), second: take(floats) }
  // In float the kernels are the parameters themselves.
  const kernels = fakeInt8 ? take(placed.kernelFloats) : vectors.parameters
  const activations = planActivations(graph, fakeInt8, take)
  const statisticsFloats = [...matrices.values()].reduce((sum, { N }) => sum + 2 * N, 0)
  const statistics = { at: take(statisticsFloats), floats: statisticsFloats }
  const { places, layers } = placeTensors(frame, matrices, placed.offsets, { kernels, statistics: statistics.at, activations })

  const sizes = places.map((place) => 4 * floatsOf(place, batch))
  const folded = places.map((place) => place.affine !== 0)
  const backward = planBackward(ops, frame.logits, sizes, folded)
  const largest = Math.max(...sizes)
  const droppedFloats = dropped ? floatsOf(places[dropped.input]!, batch) : 0
  const dropout = dropped && { op: dropped.op, factors: take(droppedFloats), at: take(droppedFloats) }
  const pool = regions.take(Math.max(backward.bytes, 2 * largest))
  return {
    graph,
    ops,
    places,
    activations,
    dropout,
    layers,
    geometry: new Map(ops.flatMap((op, i) => (isWindowed(op) ? [[i, geometryOf(graph, op, i)] as const] : []))),
    vectors,
    floats,
    kernelFloats: placed.kernelFloats,
    statistics,
    ...placeWork(frame, places, [...layers.values()]),
    pool,
    spare: pool + largest,
    backward,
    bytes: regions.end - base,
  }
}

/** What the parts of a plan share. */
type Frame = {
  readonly graph: Graph
  readonly ops: readonly TrainableOp[]
  readonly batch: number
  /** Finds room for floats. */
  readonly take: (floats: number) => number
  readonly logits: number
  readonly dropped: ReturnType<typeof classifier> | undefined
}

const floatsOf = ({ pixels, stride }: Pick<Place, 'pixels' | 'stride'>, batch: number): number => batch * pixels * stride

function sizeOfTensor({ graph, ops }: Frame, t: number): Pick<Place, 'pixels' | 'channels' | 'stride'> {
  const [h, w, channels] = graph.shapes[t]!
  return { pixels: h * w, channels, stride: strideOf(graph, ops, t) }
}

/** Tensors in operator order, and what layers keep beside theirs. `at`: where kernels and running statistics begin. */
function placeTensors(
  frame: Frame,
  matrices: ReadonlyMap<number, Matrix>,
  offsets: ReadonlyMap<number, Offsets>,
  at: { readonly kernels: number; readonly statistics: number; readonly activations: Activations },
): { readonly places: readonly Place[]; readonly layers: ReadonlyMap<number, Layer> } {
  const { ops, batch, take, logits, dropped } = frame
  const layers = new Map<number, Layer>()
  const places: Place[] = []
  const store = (t: number) => {
    const size = sizeOfTensor(frame, t)
    places.push({ ...size, at: take(floatsOf(size, batch)), affine: 0, activation: 0 })
  }
  store(0)
  let statistic = at.statistics
  for (const [i, op] of ops.entries()) {
    const t = outputOf(i)
    if (!hasWeights(op)) {
      store(t)
      continue
    }
    const matrix = matrices.get(i)!
    const { N } = matrix
    const size = sizeOfTensor(frame, t)
    const folded = t !== logits && t !== dropped?.input && isFolded(ops, t, size.pixels)
    const layer: Layer = {
      ...matrix,
      ...offsets.get(i)!,
      channels: size.channels,
      activation: at.activations.of[t]!,
      ...scaleAndShift(op.activation),
      weights: at.kernels + offsets.get(i)!.kernel,
      mean: statistic,
      variance: statistic + 4 * N,
      z: take(floatsOf(size, batch)),
      out: folded ? 0 : take(floatsOf(size, batch)),
      affine: take(4 * N),
      coefficients: take(2 * N),
      sums: take(4 * N),
      gradientSums: take(4 * N),
    }
    statistic += 8 * N
    layers.set(i, layer)
    const { z, out, affine, activation } = layer
    places.push(folded ? { ...size, at: z, affine, activation } : { ...size, at: out, affine: 0, activation: 0 })
  }
  return { places, layers }
}

/** Ends of the network, and room that kernels use while they run. */
function placeWork(frame: Frame, places: readonly Place[], layers: readonly Layer[]) {
  const { batch, take, logits } = frame
  const { pixels, channels } = places[logits]!
  const outputs = pixels * channels
  return {
    outputs,
    logits: take(batch * outputs),
    logitsGradient: take(batch * outputs),
    targets: take(batch * outputs),
    teacher: take(batch * outputs),
    classWeights: take(outputs),
    packed: take(Math.max(0, ...layers.map(({ K, N }) => K * N))),
    partial: take(2 * Math.max(...places.map((p) => p.stride))),
    scratch: take(Math.max(0, ...layers.map((l) => l.scratchFloats))),
  }
}

/** What layer i reads. */
export function layerInput({ ops, places, dropout }: Layout, i: number): Place {
  const place = places[ops[i]!.inputs[0]!]!
  return dropout?.op === i ? { ...place, at: dropout.at, affine: 0, activation: 0 } : place
}
