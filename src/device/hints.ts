import { buildGraph } from '../graph/build.ts'
import { type Graph, inputShape, type Op, type OpOf, outputOf, type TensorId } from '../graph/graph.ts'
import { betterOrder, reordered } from '../graph/order.ts'
import { widthClasses, withWidths } from '../graph/widths.ts'
import { latencyMs, opLatenciesMs } from './latency.ts'
import { price } from './predict.ts'
import type { Target } from './schema.ts'

/** A change to the network and what it does to the price on this target, both priced: `saved` is positive where the changed network is cheaper. */
export type Hint = {
  readonly kind: 'channels' | 'stem' | 'depthwise' | 'mean' | 'softmax' | 'order'
  /** what to change, for people */
  readonly change: string
  /** operators that change, by index in the network as it is */
  readonly ops: readonly number[]
  readonly savedMs: number
  readonly savedRamBytes: number
  readonly savedFlashBytes: number
}

/** Only changes that save this share of the latency are worth a line. */
const worthwhile = 0.01
/** A first convolution that takes less than this share of the latency is left alone. */
const dearStem = 0.15

type Change = Pick<Hint, 'kind' | 'change' | 'ops'> & { readonly graph: Graph | undefined }

/** Changes that make the network cheaper on this target, most saved time first. Each is priced alone; savings of several do not add up. */
export function hints(graph: Graph, target: Target): Hint[] {
  const { ms } = latencyMs(graph, target)
  const changes = [
    ...oddWidths(graph, target, ms),
    ...dearStems(graph, target, ms),
    ...depthwise(graph, target, ms),
    ...means(graph),
    ...lastSoftmax(graph),
    ...anotherOrder(graph),
  ]
  const now = price(graph, target)
  return changes
    .flatMap(({ graph: changed, ...change }): Hint[] => {
      if (!changed) return []
      const cost = price(changed, target)
      const savedMs = now.latencyMs - cost.latencyMs
      const savedRamBytes = now.ramBytes - cost.ramBytes
      const isWorthwhile = change.kind === 'order' ? savedRamBytes > 0 : savedMs >= worthwhile * ms
      return isWorthwhile ? [{ ...change, savedMs, savedRamBytes, savedFlashBytes: now.flashBytes - cost.flashBytes }] : []
    })
    .sort((a, b) => b.savedMs - a.savedMs)
}

const named = (graph: Graph, ops: readonly number[]): string => ops.map((i) => `${graph.ops[i]!.kind} ${i}`).join(', ')

/**
 * Kernels work on blocks of 4, 8 or 16 channels, and a part-filled block costs more than its share: a width is dear where it costs more than
 * the straight line between the multiples below and above it says. Where even the multiple above is cheaper, its channels come for nothing.
 */
function oddWidths(graph: Graph, target: Target, ms: number): Change[] {
  return widthClasses(graph).flatMap(({ ops, channels }): Change[] => {
    const with_ = (width: number): Graph | undefined => withWidths(graph, new Map(ops.map((i) => [i, width])))
    const found = [4, 8, 16].flatMap((block) => {
      const below = Math.floor(channels / block) * block
      if (below === channels || below === 0) return []
      const [less, more] = [with_(below), with_(below + block)]
      if (!less || !more) return []
      const [lessMs, moreMs] = [latencyMs(less, target).ms, latencyMs(more, target).ms]
      const line = lessMs + ((moreMs - lessMs) * (channels - below)) / block
      const width = moreMs < ms ? below + block : below
      return [{ block, width, graph: moreMs < ms ? more : less, dear: ms - line }]
    })
    const best = found.reduce<(typeof found)[number] | undefined>((a, b) => (a && a.dear >= b.dear ? a : b), undefined)
    if (!best || best.dear < worthwhile * ms) return []
    const change = `${best.width} channels instead of ${channels} in ${named(graph, ops)}: here a multiple of ${best.block} is cheaper per channel`
    return [{ kind: 'channels', change, ops, graph: best.graph }]
  })
}

/** The first convolution sees the largest map and few channels: downsample in it rather than later, or make it narrower. */
function dearStems(graph: Graph, target: Target, ms: number): Change[] {
  const stem = graph.ops.findIndex((op) => op.kind === 'conv2d' || op.kind === 'depthwise')
  const op = graph.ops[stem]
  if (op?.kind !== 'conv2d' || inputShape(graph)[2] > 4) return []
  const share = opLatenciesMs(graph, target)[stem]! / ms
  if (share < dearStem) return []
  const about = `the first convolution takes ${Math.round(100 * share)} %`
  const later = graph.ops.findIndex(
    (o, i) =>
      i > stem && 'kernel' in o && o.padding === 'same' && o.stride.join() === [2 * op.stride[0], 2 * op.stride[1]].join(),
  )
  const found: Change[] = []
  if (op.stride.join() === '1,1' && op.padding === 'same' && later > 0) {
    const moved = graph.ops.map((o, i) =>
      i === stem ? { ...op, stride: [2, 2] as const } : i === later ? { ...(o as OpOf<'conv2d'>), stride: [1, 1] as const } : o,
    )
    found.push({
      kind: 'stem',
      change: `${about}: stride 2 in conv2d ${stem} and 1 in ${named(graph, [later])}`,
      ops: [stem, later],
      graph: built(graph, moved),
    })
  }
  const width = widthClasses(graph).find((c) => c.ops.includes(stem))
  const half = width && Math.max(4, Math.round(width.channels / 8) * 4)
  if (width && half !== undefined && half < width.channels)
    found.push({
      kind: 'stem',
      change: `${about}: ${half} channels instead of ${width.channels} in ${named(graph, width.ops)}`,
      ops: width.ops,
      graph: withWidths(graph, new Map(width.ops.map((i) => [i, half]))),
    })
  return found
}

/** Depthwise kernels wider than 3x3 leave the fast path of most runtimes, and in thin layers one convolution may beat depthwise and pointwise. */
function depthwise(graph: Graph, target: Target, ms: number): Change[] {
  const latencies = opLatenciesMs(graph, target)
  const all = graph.ops.flatMap((op, i) => (op.kind === 'depthwise' ? [i] : []))
  const share = all.reduce((sum, i) => sum + latencies[i]!, 0) / ms
  const about = `depthwise layers take ${Math.round(100 * share)} %`
  const wide = all.filter((i) => Math.max(...(graph.ops[i] as OpOf<'depthwise'>).kernel) > 3)
  const narrowed = graph.ops.map((op, i) =>
    wide.includes(i)
      ? {
          ...(op as OpOf<'depthwise'>),
          kernel: (op as OpOf<'depthwise'>).kernel.map((k) => Math.min(k, 3)) as unknown as readonly [number, number],
        }
      : op,
  )
  const found: Change[] = []
  if (wide.length > 0)
    found.push({
      kind: 'depthwise',
      change: `${about}: kernels of at most 3 in ${named(graph, wide)}`,
      ops: wide,
      graph: built(graph, narrowed),
    })
  for (const i of all) {
    const joined = joinWithPointwise(graph, i)
    if (joined)
      found.push({
        kind: 'depthwise',
        change: `${about}: one ${(graph.ops[i] as OpOf<'depthwise'>).kernel.join('x')} convolution instead of ${named(graph, [i, i + 1])}`,
        ops: [i, i + 1],
        graph: joined,
      })
  }
  return found
}

/** Depthwise i and the pointwise layer behind it as one convolution; undefined where something else reads what lies between. */
function joinWithPointwise(graph: Graph, i: number): Graph | undefined {
  const [first, second] = [graph.ops[i], graph.ops[i + 1]]
  if (first?.kind !== 'depthwise' || second?.kind !== 'conv2d' || first.multiplier !== 1) return undefined
  if ([...second.kernel, ...second.stride].some((n) => n !== 1)) return undefined
  const between = outputOf(i)
  if (graph.ops.some((op, k) => op.inputs.includes(between) && k !== i + 1)) return undefined
  const { kernel, stride, padding, inputs } = first
  const shifted = (t: TensorId): TensorId => (t > between ? t - 1 : t)
  const ops = graph.ops.flatMap((op, k): Op[] =>
    k === i
      ? []
      : k === i + 1
        ? [{ ...second, kernel, stride, padding, inputs }]
        : [{ ...op, inputs: op.inputs.map(shifted) } as unknown as Op],
  )
  return built(graph, ops)
}

/** Runtimes price a mean over the map and an average pool over all of it very differently, and they compute the same. */
function means(graph: Graph): Change[] {
  return graph.ops.flatMap((op, i): Change[] => {
    if (op.kind !== 'mean' && op.kind !== 'averagePool') return []
    const [h, w] = graph.shapes[op.inputs[0]]!
    const [oh, ow] = graph.shapes[outputOf(i)]!
    if (h * w === 1 || oh * ow !== 1 || (op.kind === 'averagePool' && (op.kernel[0] !== h || op.kernel[1] !== w))) return []
    const pool = {
      kind: 'averagePool',
      inputs: op.inputs,
      kernel: [h, w],
      stride: [h, w],
      padding: 'valid',
      activation: 'none',
    } as const
    const other: Op = op.kind === 'mean' ? pool : { kind: 'mean', inputs: op.inputs }
    return [
      {
        kind: 'mean',
        change: `${other.kind} over the whole map instead of ${named(graph, [i])}: the same values but for rounding`,
        ops: [i],
        graph: built(graph, graph.ops.with(i, other)),
      },
    ]
  })
}

/** The largest of the inputs is the largest of the outputs. */
function lastSoftmax(graph: Graph): Change[] {
  const last = graph.ops.length - 1
  if (last < 1 || graph.ops[last]!.kind !== 'softmax' || graph.ops[last]!.inputs[0] !== last) return []
  const change = `without softmax ${last}: the best class is the same, only probabilities are lost`
  return [{ kind: 'softmax', change, ops: [last], graph: built(graph, graph.ops.slice(0, last)) }]
}

/** Undefined where the changed operators do not fit together. */
function built(graph: Graph, ops: readonly Op[]): Graph | undefined {
  try {
    return buildGraph(inputShape(graph), ops)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Branches may be run one after the other, so that fewer large tensors wait for a reader at the same time. */
function anotherOrder(graph: Graph): Change[] {
  const better = betterOrder(graph)
  if (!better) return []
  const moved = better.order.filter((op, at) => op !== at)
  const change = `the same operators in the order ${better.order.join(' ')}`
  return [{ kind: 'order', change, ops: moved, graph: reordered(graph, better.order) }]
}
