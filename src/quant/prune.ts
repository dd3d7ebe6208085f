import { type Graph, outputOf } from '../graph/graph.ts'
import { hasBatchNorm, hasWeights, type KernelTensor, kernelsOf, sizeOf, widthOf } from '../graph/traits.ts'
import { normParts, type Weights, weightName, weightShapes } from '../graph/weights.ts'
import { channelIdentities } from './channels.ts'
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
    for (const tensor of kernelsOf(unpruned, i)) {
      const name = weightName(i, tensor.part)
      const { taps, inner } = kernelDimensions(unpruned, i, tensor)
      const [rows, columns] = tensor.channels === 'last' ? [[0], outputs] : [outputs, inputs]
      result[name] = gather(parameter(weights, name), rows, taps, inner, columns)
    }
    for (const part of hasBatchNorm(op) ? normParts : (['bias'] as const)) {
      const vector = parameter(weights, weightName(i, part))
      result[weightName(i, part)] = gather(vector, [0], 1, vector.length, outputs)
    }
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
  const producers = unpruned.ops.flatMap((_, i) => (widthOf(unpruned, i) === 'free' ? [outputOf(i)] : []))
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
export function kernelDimensions(graph: Graph, i: number, { channels, shape }: KernelTensor) {
  const [outer, inner] = channels === 'last' ? [1, shape.at(-1)!] : [shape[0]!, graph.shapes[graph.ops[i]!.inputs[0]!]![2]]
  return { outer, taps: sizeOf(shape) / (outer * inner), inner }
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
