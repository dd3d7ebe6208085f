import { buildGraph } from './build.ts'
import { elements, type Graph, type Op, outputOf, type TensorId } from './graph.ts'

/** Layers that must have as many channels as each other, because additions and products join them. */
export type WidthClass = { readonly ops: readonly number[]; readonly channels: number }

/** Every class of layers whose width is free: not tied to the input, to the output, or to an operator that fixes it. */
export function widthClasses(graph: Graph): WidthClass[] {
  const leader = graph.shapes.map((_, t) => t)
  const find = (t: TensorId): TensorId => (leader[t] === t ? t : find(leader[t]!))
  const fixed = new Set<TensorId>([0, graph.shapes.length - 1])
  graph.ops.forEach((op, i) => {
    const out = outputOf(i)
    if (op.kind === 'conv2d' || op.kind === 'dense') return
    if (
      op.kind === 'concat' ||
      (op.kind === 'depthwise' && op.multiplier !== 1) ||
      (op.kind === 'reshape' && !keepsWidth(graph, i))
    )
      fixed.add(out)
    else for (const input of op.inputs) leader[find(input)] = find(out)
  })
  const held = new Set([...fixed].map(find))
  const classes = new Map<TensorId, number[]>()
  graph.ops.forEach((op, i) => {
    const root = find(outputOf(i))
    if ((op.kind === 'conv2d' || op.kind === 'dense') && !held.has(root)) classes.set(root, [...(classes.get(root) ?? []), i])
  })
  return [...classes.values()].map((ops) => ({ ops, channels: graph.shapes[outputOf(ops[0]!)]![2] }))
}

const keepsWidth = (graph: Graph, i: number): boolean =>
  graph.shapes[outputOf(i)]![2] === graph.shapes[graph.ops[i]!.inputs[0]!]![2]

/** The same network with other widths (by index of a layer of the class); a reshape to a vector follows. Undefined where it cannot be built. */
export function withWidths(graph: Graph, widths: ReadonlyMap<number, number>): Graph | undefined {
  const ops: Op[] = []
  try {
    for (const [i, op] of graph.ops.entries()) {
      const width = widths.get(i)
      const next: Op =
        op.kind === 'conv2d' && width !== undefined
          ? { ...op, channels: width }
          : op.kind === 'dense' && width !== undefined
            ? { ...op, units: width }
            : op.kind === 'reshape'
              ? { ...op, shape: reshaped(buildGraph(graph.shapes[0]!, ops), graph, i) }
              : op
      ops.push(next)
    }
    return buildGraph(graph.shapes[0]!, ops)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** A vector of all there is, or the same map with the channels that now arrive. */
function reshaped(before: Graph, graph: Graph, i: number): readonly [number, number, number] {
  const input = before.shapes[graph.ops[i]!.inputs[0]!]!
  const [h, w] = graph.shapes[outputOf(i)]!
  return keepsWidth(graph, i) ? [h, w, input[2]] : [h, w, Math.floor(elements(input) / (h * w))]
}

/** Every free width times `factor`, rounded to a multiple of 4 and at least 4. */
export const scaledWidths = (graph: Graph, factor: number): Graph | undefined =>
  withWidths(
    graph,
    new Map(
      widthClasses(graph).flatMap(({ ops, channels }) =>
        ops.map((i) => [i, Math.min(channels, Math.max(4, Math.round((channels * factor) / 4) * 4))] as const),
      ),
    ),
  )
