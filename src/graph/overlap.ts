import { elements, type Graph, type Op, type OpKind, type Shape } from './graph.ts'
import { isWindowed } from './traits.ts'

/**
 * Peak of live bytes under compilers that let an operator write over its own input (TinyEngine, X-CUBE-AI), input and output included:
 * - padding, reshape and quantize are part of the operator that reads them and own no memory;
 * - depthwise layers, additions, products, pools and hard swishes write over an input that dies with them (MCUNet, Lin et al. 2020, section 3.2);
 * - a convolution whose output is at most `streamUpTo` times its input (`inputStreamUpTo`: where it reads the input of the network) writes row by row over
 *   the rows it has consumed (0: never).
 * An upper rule without the planner's gaps; published figures are reproduced within a few per cent (test/device/measured.test.ts).
 */
export function overlappedPeak(graph: Graph, streamUpTo: number, inputStreamUpTo = streamUpTo): number {
  const { ops, shapes } = graph
  const owner = new Int32Array(shapes.length)
  const last = new Int32Array(shapes.length)
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i]!
    owner[i + 1] = memory[op.kind] === 'absorbed' ? owner[op.inputs[0]]! : i + 1
    for (const t of op.inputs) last[owner[t]!] = i
  }
  last[owner[shapes.length - 1]!] = ops.length
  let live = elements(shapes[0]!)
  let peak = live
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i]!
    if (owner[i + 1] !== i + 1) continue
    const output = elements(shapes[i + 1]!)
    live += output
    const source = owner[op.inputs[0]!]!
    const dying = op.inputs.find((t) => last[owner[t]!] === i)
    let saved = 0
    if (dying !== undefined && memory[op.kind] === 'inPlace') saved = Math.min(output, elements(shapes[owner[dying]!]!))
    else if (
      memory[op.kind] === 'streamed' &&
      isWindowed(op) &&
      last[source] === i &&
      output <= (source === 0 ? inputStreamUpTo : streamUpTo) * elements(shapes[source]!)
    )
      saved = streamed(op, shapes[source]!, shapes[i + 1]!)
    peak = Math.max(peak, live - saved)
    const freed = new Set(op.inputs.map((t) => owner[t]!).filter((t) => last[t] === i))
    for (const t of freed) live -= elements(shapes[t]!)
  }
  return peak
}

const memory: Readonly<Record<OpKind, 'absorbed' | 'inPlace' | 'streamed' | 'own'>> = {
  conv2d: 'streamed',
  depthwise: 'inPlace',
  dense: 'own',
  add: 'inPlace',
  mul: 'inPlace',
  averagePool: 'inPlace',
  maxPool: 'inPlace',
  mean: 'own',
  softmax: 'own',
  reshape: 'absorbed',
  pad: 'absorbed',
  concat: 'own',
  quantize: 'absorbed',
  hardSwish: 'inPlace',
}

/** Bytes saved when output rows take the place of input rows that no later output row reads. */
function streamed(op: Extract<Op, { readonly kernel: unknown }>, input: Shape, output: Shape): number {
  const inputBytes = elements(input)
  const inputRow = input[1] * input[2]
  const outputRow = output[1] * output[2]
  const before = (op.kernel[0] - 1) >> 1
  let most = 0
  for (let y = 0; y < output[0]; y++) {
    const firstRow = Math.max(0, y * op.stride[0] - before)
    most = Math.max(most, inputBytes - firstRow * inputRow + (y + 1) * outputRow)
  }
  return Math.max(0, inputBytes + elements(output) - most)
}
