import { type Graph, type OpKind, outputOf, type Shape } from './graph.ts'

/**
 * TFLite knows ranks where a graph knows H, W, C. True: the tensor is a map `[1, h, w, c]`; false: a vector `[1, c]`.
 * Whatever is 1 x 1 is a vector unless an operator with a window, or a map beside it, needs a map; a mean keeps its dimensions only then.
 * Throws RangeError where a dense output, always a vector, would have to be a map.
 */
export function mapTensors({ ops, shapes }: Graph): boolean[] {
  const map = [isMap(shapes[0]!)]
  for (let i = 0; i < ops.length; i++) map.push(rules[ops[i]!.kind] !== 'vector' && isMap(shapes[outputOf(i)]!))
  // whatever precedes the first vector is settled
  const first = map.indexOf(false)
  for (let changed = first >= 0; changed; ) {
    changed = false
    for (let i = ops.length - 1; i >= 0 && i >= first - 1; i--) {
      const { kind, inputs } = ops[i]!
      const rule = rules[kind]
      if (rule === 'any' || rule === 'vector') continue
      const out = outputOf(i)
      let given = false
      for (let k = 0; k < inputs.length && !given; k++) given = map[inputs[k]!]!
      if (rule !== 'map' && rule !== 'reduced' && !map[out] && !given) continue
      // a product of a map and a vector is a map
      const asked = rule !== 'either' ? inputs.length : given ? 0 : 1
      for (let k = 0; k < asked; k++) if (!map[inputs[k]!]) changed = map[inputs[k]!] = true
      // a mean gives a vector unless somebody asks for more
      if (rule !== 'reduced' && !map[out]) changed = map[out] = true
    }
  }
  for (let i = 0; i < ops.length; i++)
    if (map[outputOf(i)] && rules[ops[i]!.kind] === 'vector')
      throw new RangeError(`operator ${i}: a dense output is a vector; put a reshape behind it`)
  return map
}

const isMap = (shape: Shape): boolean => shape[0] !== 1 || shape[1] !== 1

/**
 * What an operator asks of its inputs: maps (`reduced`: and gives a vector or a map), the rank of its output in all or in one of them (the first,
 * if need be), or nothing (`vector`: and gives a vector).
 */
const rules: Readonly<Record<OpKind, 'map' | 'reduced' | 'same' | 'either' | 'any' | 'vector'>> = {
  conv2d: 'map',
  depthwise: 'map',
  averagePool: 'map',
  maxPool: 'map',
  mean: 'reduced',
  pad: 'map',
  add: 'same',
  mul: 'either',
  softmax: 'same',
  concat: 'same',
  quantize: 'same',
  hardSwish: 'same',
  dense: 'vector',
  reshape: 'any',
}
