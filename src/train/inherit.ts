import { type Graph, inputShape, outputOf } from '../graph/graph.ts'
import { hasBatchNorm, hasWeights, isWindowed, type KernelTensor, kernelsOf, widthOf } from '../graph/traits.ts'
import { normParts, type Weights, weightName } from '../graph/weights.ts'
import { channelIdentities } from '../quant/channels.ts'
import { parameter } from '../quant/fold.ts'
import { channelImportance } from '../quant/importance.ts'
import { kernelDimensions } from '../quant/prune.ts'

/** A trained network of the same space. `layers[i]` is its operator that operator i of the new network takes after, -1 where there is none. */
export type Relative = { readonly graph: Graph; readonly weights: Weights; readonly layers: readonly number[] }

/** No channel of the relative's. */
const none = -1

/**
 * Weights to begin with: those of the relative, grown or shrunk, and `fresh` ones where it has nothing (Elsken et al. 2019, LEMONADE: network morphisms,
 * approximate where a network shrinks). Of a wider layer the channels of largest batch-norm gamma stay; tied layers keep the same ones. Kernels are cut
 * around their centre or padded with zeros. An old channel does not listen to new ones yet, and a new residual block adds nothing yet. A layer that hears
 * nothing old begins anew: zeros under batch norm would hand on nothing, and gradients a thirtyfold.
 */
export function inheritWeights(graph: Graph, relative: Relative, fresh: Weights): Weights {
  const known = channelIdentities(relative.graph).of
  const origins = originsOf(graph, relative, known)
  const weights: Record<string, Float32Array> = { ...fresh }
  graph.ops.forEach((op, i) => {
    const from = relative.layers[i]!
    if (!hasWeights(op) || from === none) return
    const place = (tensor: number, of: number) => placesIn(known[tensor]!, origins[of]!)
    const outputs = place(outputOf(from), outputOf(i))
    const inputs = place(relative.graph.ops[from]!.inputs[0]!, op.inputs[0])
    if (inputs.every((place) => place === none)) return
    for (const [k, tensor] of kernelsOf(graph, i).entries()) {
      const name = weightName(i, tensor.part)
      const old = { graph: relative.graph, op: from, tensor: kernelsOf(relative.graph, from)[k]! }
      const [rows, columns] = tensor.channels === 'last' ? [[0], outputs] : [outputs, inputs]
      const values = parameter(relative.weights, weightName(from, tensor.part))
      weights[name] = grown({ graph, op: i, tensor }, old, values, parameter(fresh, name), rows, columns)
    }
    for (const part of hasBatchNorm(op) ? normParts : (['bias'] as const)) {
      const old = parameter(relative.weights, weightName(from, part))
      weights[weightName(i, part)] = parameter(fresh, weightName(i, part)).map((v, c) =>
        outputs[c] === none ? v : old[outputs[c]!]!,
      )
    }
  })
  for (const i of residualEnds(graph).filter((i) => weights[weightName(i, 'kernel')] === fresh[weightName(i, 'kernel')]))
    weights[weightName(i, 'gamma')] = new Float32Array(graph.shapes[outputOf(i)]![2])
  return weights
}

/** Per tensor of the new network the identity of each channel in the relative, or none. */
function originsOf(graph: Graph, { graph: old, weights, layers }: Relative, known: readonly Int32Array[]): Int32Array[] {
  const scores = new Map<number, number>()
  old.ops.forEach((op, i) => {
    if (!hasWeights(op)) return
    channelImportance(old, i, weights, 'gamma').forEach((score, c) => {
      const id = known[outputOf(i)]![c]!
      scores.set(id, (scores.get(id) ?? 0) + score)
    })
  })
  const unknown = (count: number) => new Int32Array(count).fill(none)
  const origins = [inputShape(graph)[2] === known[0]!.length ? known[0]! : unknown(inputShape(graph)[2])]
  graph.ops.forEach((op, i) => {
    const width = widthOf(graph, i)
    const channels = graph.shapes[outputOf(i)]![2]
    const from = layers[i]!
    if (width === 'tied') origins.push(origins[op.inputs[0]!]!)
    else if (width === 'free' && from !== none) origins.push(chosen(known[outputOf(from)]!, channels, scores))
    else origins.push(unknown(channels))
  })
  return origins
}

/** The `count` most important of these identities in their order, none behind them where they are fewer. */
function chosen(ids: Int32Array, count: number, scores: ReadonlyMap<number, number>): Int32Array {
  const ranked = [...ids.keys()].sort((a, b) => scores.get(ids[b]!)! - scores.get(ids[a]!)! || a - b)
  const kept = ranked.slice(0, count).sort((a, b) => a - b)
  return Int32Array.from({ length: count }, (_, c) => (c < kept.length ? ids[kept[c]!]! : none))
}

/** Where each identity stands among `ids`. */
function placesIn(ids: Int32Array, wanted: Int32Array): number[] {
  const places = new Map([...ids].map((id, c) => [id, c]))
  return Array.from(wanted, (id) => places.get(id) ?? none)
}

type Kernel = { readonly graph: Graph; readonly op: number; readonly tensor: KernelTensor }

function grown(
  kernel: Kernel,
  old: Kernel,
  values: Float32Array,
  fresh: Float32Array,
  rows: readonly number[],
  columns: readonly number[],
): Float32Array {
  const taps = tapsOf(kernel, old)
  if (!taps) return fresh
  const { inner: oldInner, taps: oldTaps } = kernelDimensions(old.graph, old.op, old.tensor)
  const out = new Float32Array(fresh.length)
  const isDepthwise = kernel.tensor.channels === 'last'
  let k = 0
  for (const row of rows)
    for (const tap of taps)
      for (const column of columns) {
        const isNew = row === none || (isDepthwise && column === none)
        if (isNew) out[k] = fresh[k]!
        else if (tap !== none && column !== none) out[k] = values[(row * oldTaps + tap) * oldInner + column]!
        k++
      }
  return out
}

/** For each tap its place in the old kernel, none outside it; undefined where a dense layer reads a map of another size. */
function tapsOf(kernel: Kernel, old: Kernel): number[] | undefined {
  const [[h, w], [oldH, oldW]] = [windowOf(kernel), windowOf(old)]
  if (!isWindowed(kernel.graph.ops[kernel.op]!) && (h !== oldH || w !== oldW)) return undefined
  const [top, left] = [Math.floor((oldH - h) / 2), Math.floor((oldW - w) / 2)]
  return Array.from({ length: h * w }, (_, tap) => {
    const [y, x] = [Math.floor(tap / w) + top, (tap % w) + left]
    return y >= 0 && y < oldH && x >= 0 && x < oldW ? y * oldW + x : none
  })
}

/** Rows and columns of a kernel's taps; a dense layer has one for each pixel that it reads. */
function windowOf({ graph, op }: Kernel): readonly [h: number, w: number] {
  const layer = graph.ops[op]!
  if (isWindowed(layer)) return layer.kernel
  const [h, w] = graph.shapes[layer.inputs[0]!]!
  return [h, w]
}

/** Layers whose batch norm ends the branch of a residual block. */
const residualEnds = (graph: Graph): number[] =>
  graph.ops.flatMap((op) => {
    const end = op.kind === 'add' ? op.inputs[1] - 1 : none
    const layer = graph.ops[end]
    return layer && hasBatchNorm(layer) ? [end] : []
  })
