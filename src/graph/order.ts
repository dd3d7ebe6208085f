import { buildGraph } from './build.ts'
import { elements, type Graph, inputShape, type Op } from './graph.ts'
import { liveBytes } from './liveness.ts'

/**
 * The order of operators whose largest sum of living tensors is smallest (Liberis and Lane 2019, "Neural networks on microcontrollers:
 * saving memory at inference via operator reordering"), int8 tensors, nothing computed in place. A chain has one order; branches have many.
 * Exact, by dynamic programming over the sets of operators that may have run; undefined where the given order is as good, or where there are
 * too many sets to try.
 */
export function betterOrder(
  graph: Graph,
  mostSets = 20_000,
): { readonly order: readonly number[]; readonly peakBytes: number } | undefined {
  const { ops, shapes } = graph
  const sizes = shapes.map(elements)
  const readers = shapes.map((_, t) => ops.flatMap((op, i) => ((op.inputs as readonly number[]).includes(t) ? [i] : [])))
  const last = ops.length - 1
  const known = new Map<string, { readonly peak: number; readonly next: number }>()
  const done = new Array<boolean>(ops.length).fill(false)

  /** Bytes that wait for a reader, given what is done. */
  const waiting = () =>
    sizes.reduce((sum, size, t) => sum + ((t === 0 || done[t - 1]) && readers[t]!.some((i) => !done[i]) ? size : 0), 0)
  const ready = (i: number) =>
    !done[i] && ops[i]!.inputs.every((t) => t === 0 || done[t - 1]) && (i !== last || done.every((d, k) => d || k === last))

  /** The smallest peak that running the rest can have, and which operator to run now. */
  const rest = (): { readonly peak: number; readonly next: number } | undefined => {
    const key = done.map((d) => (d ? '1' : '0')).join('')
    const before = known.get(key)
    if (before) return before
    if (known.size >= mostSets) return undefined
    const alive = waiting()
    let best: { readonly peak: number; readonly next: number } | undefined
    for (let i = 0; i < ops.length; i++) {
      if (!ready(i)) continue
      const now = alive + sizes[i + 1]!
      if (best && now >= best.peak) continue
      done[i] = true
      const later = i === last ? { peak: 0 } : rest()
      done[i] = false
      if (!later) return undefined
      const peak = Math.max(now, later.peak)
      if (!best || peak < best.peak) best = { peak, next: i }
    }
    known.set(key, best!)
    return best
  }

  const found = rest()
  if (!found || found.peak >= peakOf(graph)) return undefined
  const order: number[] = []
  while (order.length < ops.length) {
    const { next } = rest()!
    order.push(next)
    done[next] = true
  }
  return { order, peakBytes: found.peak }
}

/** The same network, its operators run in another order. */
export function reordered(graph: Graph, order: readonly number[]): Graph {
  const place = new Map([[0, 0], ...order.map((op, at) => [op + 1, at + 1] as const)])
  const moved = (op: Op): Op => ({ ...op, inputs: op.inputs.map((t) => place.get(t)!) }) as unknown as Op
  return buildGraph(
    inputShape(graph),
    order.map((i) => moved(graph.ops[i]!)),
  )
}

/** Largest sum of living tensors in the order given. */
export const peakOf = (graph: Graph): number => Math.max(...liveBytes(graph))
