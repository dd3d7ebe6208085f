import { type Graph, type Op, outputOf, type Shape } from '../graph/graph.ts'

/**
 * Which channels live and die together. `of[t][c]` is the identity of channel c of tensor t: equal numbers mean that one cannot be removed
 * without the other (a depthwise convolution keeps its input's channels, an addition needs equal ones, a flattening repeats them H x W times).
 */
export type ChannelIdentities = { readonly of: readonly Int32Array[]; readonly count: number }

export function channelIdentities(graph: Graph): ChannelIdentities {
  const leader: number[] = []
  const fresh = (n: number) => Int32Array.from({ length: n }, () => leader.push(leader.length) - 1)
  const find = (id: number): number => (leader[id] === id ? id : (leader[id] = find(leader[id]!)))
  const of: Int32Array[] = [fresh(graph.shapes[0]![2])]
  graph.ops.forEach((op, i) => {
    const shape = graph.shapes[outputOf(i)]!
    const inputs = op.inputs.map((t) => of[t]!)
    of.push(isProducer(op) ? fresh(shape[2]) : carried(op, inputs, graph.shapes[op.inputs[0]!]!, shape))
    if (op.kind === 'add' || op.kind === 'mul')
      inputs[0]!.forEach((id, c) => {
        const [a, b] = [find(id), find(inputs[1]![c]!)]
        leader[Math.max(a, b)] = Math.min(a, b)
      })
  })
  return { of: of.map((ids) => ids.map(find)), count: leader.length }
}

/** Operators that make new channels; all others carry those of their inputs. */
export const isProducer = (op: Op): boolean => op.kind === 'conv2d' || op.kind === 'dense'

function carried(op: Op, inputs: readonly Int32Array[], from: Shape, to: Shape): Int32Array {
  const first = inputs[0]!
  if (op.kind === 'depthwise') return Int32Array.from({ length: to[2] }, (_, c) => first[Math.floor(c / op.multiplier)]!)
  if (op.kind === 'concat') return Int32Array.from(inputs.flatMap((ids) => [...ids]))
  if (op.kind !== 'reshape') return first
  if (to[2] % from[2] !== 0)
    throw new RangeError(`channels cannot be followed through a reshape ${from.join('x')} to ${to.join('x')}`)
  return Int32Array.from({ length: to[2] }, (_, c) => first[c % from[2]]!)
}
