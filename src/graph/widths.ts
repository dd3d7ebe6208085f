import { elements, type Graph, type Op, outputOf, type Shape, type TensorId } from './graph.ts'
import { rowOf } from './operators.ts'
import { isPool, resized, widthOf } from './traits.ts'

/** Layers that must have as many channels as each other, because additions and products join them. */
export type WidthClass = { readonly ops: readonly number[]; readonly channels: number }

/** Every class of layers whose width is free: not tied to the input, to the output, or to an operator that fixes it. */
export function widthClasses(graph: Graph): WidthClass[] {
  const leader = graph.shapes.map((_, t) => t)
  const find = (t: TensorId): TensorId => (leader[t] === t ? t : find(leader[t]!))
  const computed: number[] = []
  graph.ops.forEach((op, i) => {
    const width = widthOf(graph, i)
    if (width === 'free') return
    if (width === 'computed') computed.push(i)
    else for (const input of op.inputs) leader[find(input)] = find(outputOf(i))
  })
  const held = new Set([find(0), find(graph.shapes.length - 1)])
  // a width that follows from others: where it must stay, they must
  for (const i of computed.reverse()) if (held.has(find(outputOf(i)))) for (const t of graph.ops[i]!.inputs) held.add(find(t))
  for (const i of computed) held.add(find(outputOf(i)))
  const classes = new Map<TensorId, number[]>()
  graph.ops.forEach((_, i) => {
    const root = find(outputOf(i))
    if (widthOf(graph, i) === 'free' && !held.has(root)) classes.set(root, [...(classes.get(root) ?? []), i])
  })
  return [...classes.values()].map((ops) => ({ ops, channels: graph.shapes[outputOf(ops[0]!)]![2] }))
}

/** The same network with other widths (by index of a layer of the class). Undefined where it cannot be built. */
export const withWidths = (graph: Graph, widths: ReadonlyMap<number, number>): Graph | undefined =>
  rebuilt(graph, graph.shapes[0]!, (op, i) => {
    const width = widths.get(i)
    return width === undefined ? op : resized(op, width)
  })

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

/** The same layers on an input of another height and width; pools over the whole map follow. Undefined where it cannot be built. */
export const withInput = (graph: Graph, height: number, width: number): Graph | undefined =>
  rebuilt(graph, [height, width, graph.shapes[0]![2]], (op, _i, [h, w], [oldH, oldW]) =>
    isPool(op) && op.kernel[0] === oldH && op.kernel[1] === oldW ? { ...op, kernel: [h, w], stride: [h, w] } : op,
  )

/** `change` sees each operator with the shape that now arrives and the one that did; reshapes follow by themselves. */
function rebuilt(graph: Graph, input: Shape, change: (op: Op, i: number, now: Shape, before: Shape) => Op): Graph | undefined {
  const ops: Op[] = []
  const shapes: Shape[] = [input]
  try {
    graph.ops.forEach((op, i) => {
      const source = op.inputs[0]!
      const now = shapes[source]!
      const next: Op = 'shape' in op ? { ...op, shape: reshaped(graph, i, now) } : change(op, i, now, graph.shapes[source]!)
      ops.push(next)
      shapes.push(
        rowOf(next).shape(
          next as never,
          next.inputs.map((t) => shapes[t]!),
        ),
      )
    })
    return { ops, shapes }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** The same map with the channels that now arrive, or the same height and width with all there is. */
function reshaped(graph: Graph, i: number, now: Shape): Shape {
  const [h, w] = graph.shapes[outputOf(i)]!
  return [h, w, widthOf(graph, i) === 'tied' ? now[2] : Math.floor(elements(now) / (h * w))]
}
