import { type Graph, type OpKind, outputOf, type Shape } from './graph.ts'

/**
 * TFLite knows ranks where a graph knows H, W, C. True: the tensor is a map `[1, h, w, c]`; false: a vector `[1, c]`.
 * Whatever is 1 x 1 is a vector unless an operator with a window, or a map beside it, needs a map; a mean keeps its dimensions only then.
 * Throws RangeError where a dense output, always a vector, would have to be a map.
 */
export function mapTensors({ ops, shapes }: Graph): boolean[] {
  const map = [isMap(shapes[0]!)]
  for (let i = 0; i < ops.length; i++) map.push(ops[i]!.kind !== 'dense' && isMap(shapes[outputOf(i)]!))
  // whatever precedes the first vector is settled
  const first = map.indexOf(false)
  for (let changed = first >= 0; changed; ) {
    changed = false
    for (let i = ops.length - 1; i >= 0 && i >= first - 1; i--) {
      const { kind, inputs } = ops[i]!
      const rule = rules[kind]
      if (rule === 'any') continue
      const out = outputOf(i)
      let given = false
      for (let k = 0; k < inputs.length && !given; k++) given = map[inputs[k]!]!
      if (rule !== 'map' && !map[out] && !given) continue
      // a product of a map and a vector is a map
      const asked = rule !== 'either' ? inputs.length : given ? 0 : 1
      for (let k = 0; k < asked; k++) if (!map[inputs[k]!]) changed = map[inputs[k]!] = true
      // a mean gives a vector unless somebody asks for more
      if (kind !== 'mean' && !map[out]) changed = map[out] = true
    }
  }
  for (let i = 0; i < ops.length; i++)
    if (map[outputOf(i)] && ops[i]!.kind === 'dense')
      throw new RangeError(`operator ${i}: a dense output is a vector; put a reshape behind it`)
  return map
}

const isMap = (shape: Shape): boolean => shape[0] !== 1 || shape[1] !== 1

/** What an operator asks of its inputs: maps, the rank of its output in all or in one of them (the first, if need be), or nothing. */
const rules: Readonly<Record<OpKind, 'map' | 'same' | 'either' | 'any'>> = {
  conv2d: 'map',
  depthwise: 'map',
  averagePool: 'map',
  maxPool: 'map',
  mean: 'map',
  pad: 'map',
  add: 'same',
  mul: 'either',
  softmax: 'same',
  concat: 'same',
  quantize: 'same',
  hardSwish: 'same',
  dense: 'any',
  reshape: 'any',
}
