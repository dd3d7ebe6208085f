import { elements, type Graph, hasBatchNorm, hasWeights, type OpOf, outputOf } from '../graph/graph.ts'
import { type Weights, weightName, weightShapes } from '../graph/weights.ts'
import { channelIdentities, isProducer } from './channels.ts'
import { parameter } from './fold.ts'
import { channelImportance, type Importance } from './importance.ts'

/**
 * Weights of `pruned` cut out of those of `unpruned`. The graphs have the same operators and differ in channel counts only. Channels that live
 * and die together are ranked by their summed importance; ties keep the lower index; kept channels stay in order.
 * Throws RangeError where the graphs do not match, or `taylor` comes without `gradients`.
 */
export function pruneChannels(
  unpruned: Graph,
  pruned: Graph,
  weights: Weights,
  importance: Importance,
  gradients?: readonly Weights[],
): Weights {
  const kept = keptChannels(unpruned, pruned, weights, importance, gradients)
  const result: Record<string, Float32Array> = {}
  unpruned.ops.forEach((op, i) => {
    if (!hasWeights(op)) return
    const [inputs, outputs] = [kept[op.inputs[0]]!, kept[outputOf(i)]!]
    const { outer, taps, inner } = kernelDimensions(unpruned, op, i)
    const kernel = parameter(weights, weightName(i, 'kernel'))
    result[weightName(i, 'kernel')] =
      op.kind === 'depthwise' ? gather(kernel, [0], taps, inner, outputs) : gather(kernel, outputs, taps, inner, inputs)
    for (const part of hasBatchNorm(op) ? (['gamma', 'beta', 'mean', 'variance'] as const) : (['bias'] as const))
      result[weightName(i, part)] = gather(parameter(weights, weightName(i, part)), [0], 1, outer * inner, outputs)
  })
  for (const [name, shape] of weightShapes(pruned))
    if (result[name]?.length !== shape.reduce((a, b) => a * b, 1))
      throw new RangeError(`${name} of the pruned graph does not follow from the unpruned one`)
  return result
}

/** Per tensor of `unpruned`, the channels that stay, in ascending order. */
export function keptChannels(
  unpruned: Graph,
  pruned: Graph,
  weights: Weights,
  importance: Importance,
  gradients?: readonly Weights[],
): number[][] {
  if (unpruned.ops.length !== pruned.ops.length || unpruned.ops.some((op, i) => op.kind !== pruned.ops[i]!.kind))
    throw new RangeError('the pruned graph has other operators than the unpruned one')
  const { of, count } = channelIdentities(unpruned)
  const scores = new Float64Array(count)
  unpruned.ops.forEach((op, i) => {
    if (!hasWeights(op)) return
    channelImportance(unpruned, i, weights, importance, gradients).forEach((score, c) => {
      scores[of[outputOf(i)]![c]!]! += score
    })
  })

  const decided = new Map<number, boolean>()
  for (const id of of[0]!) decided.set(id, true)
  // Small layers first: through a concatenation a large one may hold the channels of several small ones.
  const producers = unpruned.ops.flatMap((op, i) => (isProducer(op) ? [outputOf(i)] : []))
  for (const t of producers.sort((a, b) => of[a]!.length - of[b]!.length)) {
    const open = [...of[t]!].filter((id) => !decided.has(id))
    const quota = pruned.shapes[t]![2] - [...of[t]!].filter((id) => decided.get(id)).length
    if (quota < 0 || quota > open.length)
      throw new RangeError(`operator ${t - 1} cannot keep ${pruned.shapes[t]![2]} channels: tied layers keep other numbers`)
    const ranked = open.map((id, c) => ({ id, c })).sort((a, b) => scores[b.id]! - scores[a.id]! || a.c - b.c)
    ranked.forEach(({ id }, rank) => {
      decided.set(id, rank < quota)
    })
  }
  return of.map((ids) => [...ids.keys()].filter((c) => decided.get(ids[c]!)))
}

/** Every kernel is `[outer, taps, inner]`: a dense layer's inputs are H x W taps of C channels, a depthwise kernel has one outer row. */
export function kernelDimensions(graph: Graph, op: OpOf<'conv2d' | 'depthwise' | 'dense'>, i: number) {
  const input = graph.shapes[op.inputs[0]]!
  const output = graph.shapes[outputOf(i)]!
  if (op.kind === 'depthwise') return { outer: 1, taps: op.kernel[0] * op.kernel[1], inner: output[2] }
  return {
    outer: output[2],
    taps: op.kind === 'conv2d' ? op.kernel[0] * op.kernel[1] : elements(input) / input[2],
    inner: input[2],
  }
}

/** The rows `outers` and columns `inners` of `values[outer][tap][inner]`. */
function gather(
  values: Float32Array,
  outers: readonly number[],
  taps: number,
  inner: number,
  inners: readonly number[],
): Float32Array {
  const out = new Float32Array(outers.length * taps * inners.length)
  let k = 0
  for (const o of outers)
    for (let tap = 0; tap < taps; tap++) for (const c of inners) out[k++] = values[(o * taps + tap) * inner + c]!
  return out
}
