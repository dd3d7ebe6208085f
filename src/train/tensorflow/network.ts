import { type Graph, type LayerActivation, type OpOf, type Shape, scaleAndShift } from '../../graph/graph.ts'
import { activationOf, hasWeights, type TrainableKind, type TrainableOp } from '../../graph/traits.ts'
import type { Rounding } from './fake-int8.ts'
import type { Tensor, Tensor2D, Tensor4D, Tf, Variable } from './library.ts'
import type { ParameterOf } from './parameters.ts'
import { averagePool, depthwise } from './windows.ts'

/** Batch norm of operator `i`: which statistics it uses is the caller's. */
export type Normalise = (i: number, z: Tensor4D) => Tensor4D

/** Dropout of a training step: what layer `op` reads is multiplied by these factors. */
export type Drop = { readonly op: number; readonly factors: Tensor4D }

type OpContext = {
  readonly tf: Tf
  readonly inputs: readonly Tensor4D[]
  readonly output: Shape
  readonly kernel: () => Tensor
  readonly bias: () => Variable
  readonly normalise: (z: Tensor4D) => Tensor4D
}

/** Every tensor of the graph for a batch of inputs, `[count, h, w, c]`, up to the logits: a final softmax is left out. */
export function forwardTensors(
  tf: Tf,
  { graph, ops }: { readonly graph: Graph; readonly ops: readonly TrainableOp[] },
  of: ParameterOf,
  input: Tensor4D,
  normalise: Normalise,
  rounding?: Rounding,
  drop?: Drop,
): Tensor4D[] {
  const tensors = [rounding ? rounding.tensor(0, input) : input]
  ops.forEach((op, i) => {
    const made = forward[op.kind](op as never, {
      tf,
      inputs: op.inputs.map((t) => (i === drop?.op ? tf.mul(tensors[t]!, drop.factors) : tensors[t]!)),
      output: graph.shapes[i + 1]!,
      kernel: () => (rounding && hasWeights(op) ? rounding.kernel(op, of(i, 'kernel') as Tensor) : (of(i, 'kernel') as Tensor)),
      bias: () => of(i, 'bias'),
      normalise: (z) => normalise(i, z),
    })
    const { gain, shift } = scaleAndShift(activationOf(op))
    const y = gain === 1 ? made : tf.add<Tensor4D>(tf.mul(made, gain), shift)
    tensors.push(rounding ? rounding.tensor(i + 1, y) : activate(tf, activationOf(op), y))
  })
  return tensors
}

/** After `scaleAndShift`. */
function activate(tf: Tf, activation: LayerActivation, x: Tensor4D): Tensor4D {
  if (activation === 'none') return x
  if (activation === 'hardSigmoid') return tf.clipByValue(x, 0, 1)
  return activation === 'relu' ? tf.relu(x) : tf.relu6(x)
}

const forward: { readonly [K in TrainableKind]: (op: OpOf<K>, site: OpContext) => Tensor4D } = {
  conv2d: (op, { tf, inputs: [x], kernel, normalise }) =>
    normalise(tf.conv2d(x!, kernel() as unknown as Tensor4D, [...op.stride], op.padding)),
  depthwise: (op, { tf, inputs: [x], output, kernel, normalise }) =>
    normalise(depthwise(tf, op, x!, kernel() as unknown as Tensor4D, output)),
  dense(op, { tf, inputs: [x], kernel, bias }) {
    const rows = tf.reshape(x!, [x!.shape[0], -1]) as Tensor2D
    const y = tf.matMul(rows, kernel() as unknown as Tensor2D, false, true)
    return tf.reshape(tf.add(y, bias()), [x!.shape[0], 1, 1, op.units])
  },
  add: (_op, { tf, inputs: [a, b] }) => tf.add(a!, b!),
  averagePool: (op, { tf, inputs: [x], output }) => averagePool(tf, op, x!, output),
  maxPool: (op, { tf, inputs: [x] }) => tf.maxPool(x!, [...op.kernel], [...op.stride], op.padding),
  mean: (_op, { tf, inputs: [x] }) => tf.mean(x!, [1, 2], true),
  mul: (_op, { tf, inputs: [a, b] }) => tf.mul(a!, b!),
  hardSwish: (_op, { tf, inputs: [x] }) => tf.mul(x!, tf.mul(tf.relu6(tf.add(x!, 3)), 1 / 6)),
}
