import { type Graph, type Op, type OpKind, type OpOf, outputOf, type Shape } from '../graph/graph.ts'
import { widthOf } from '../graph/traits.ts'

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
    const width = widthOf(graph, i)
    of.push(width === 'free' ? fresh(shape[2]) : carried[op.kind](op as never, inputs, graph.shapes[op.inputs[0]!]!, shape))
    if (width !== 'tied') return
    for (const other of inputs.slice(1))
      other.forEach((id, c) => {
        const [a, b] = [find(inputs[0]![c]!), find(id)]
        leader[Math.max(a, b)] = Math.min(a, b)
      })
  })
  return { of: of.map((ids) => ids.map(find)), count: leader.length }
}

type Carry<K extends OpKind> = (op: OpOf<K>, inputs: readonly Int32Array[], from: Shape, to: Shape) => Int32Array

const first = (_op: Op, inputs: readonly Int32Array[]): Int32Array => inputs[0]!
const own = (): never => {
  throw new RangeError('it makes its own channels')
}

/** Identities of the output's channels, where the operator does not make its own. */
const carried: { readonly [K in OpKind]: Carry<K> } = {
  conv2d: own,
  dense: own,
  depthwise: (op, [ids], _from, to) => Int32Array.from({ length: to[2] }, (_, c) => ids![Math.floor(c / op.multiplier)]!),
  concat: (_op, inputs) => Int32Array.from(inputs.flatMap((ids) => [...ids])),
  reshape(_op, [ids], from, to) {
    if (to[2] % from[2] !== 0)
      throw new RangeError(`channels cannot be followed through a reshape ${from.join('x')} to ${to.join('x')}`)
    return Int32Array.from({ length: to[2] }, (_, c) => ids![c % from[2]]!)
  },
  add: first,
  mul: first,
  averagePool: first,
  maxPool: first,
  mean: first,
  softmax: first,
  pad: first,
  quantize: first,
  hardSwish: first,
}
