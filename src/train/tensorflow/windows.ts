import { type OpOf, padBefore, type Shape } from '../../graph/graph.ts'
import type { Tensor4D, Tf } from './library.ts'

type Windowed = OpOf<'depthwise' | 'averagePool'>

/** Zeros around H and W that make TensorFlow's SAME a VALID; nothing where the operator is VALID already. */
function padded(tf: Tf, op: Windowed, x: Tensor4D, [oh, ow]: Shape): { x: Tensor4D; top: number; left: number } {
  const [, h, w] = x.shape
  const around = (axis: 0 | 1, n: number, out: number): [number, number] => {
    const before = padBefore(n, op.kernel[axis], op.stride[axis], out, op.padding)
    const total = op.padding === 'same' ? Math.max(0, (out - 1) * op.stride[axis] + op.kernel[axis] - n) : 0
    return [before, total - before]
  }
  const [rows, columns] = [around(0, h, oh), around(1, w, ow)]
  const none = [rows, columns].flat().every((n) => n === 0)
  return { x: none ? x : tf.pad4d(x, [[0, 0], rows, columns, [0, 0]]), top: rows[0], left: columns[0] }
}

/** TensorFlow's depthwise kernel on the CPU refuses unequal strides: those are taken out of the result at stride 1. */
export function depthwise(tf: Tf, op: OpOf<'depthwise'>, x: Tensor4D, kernel: Tensor4D, output: Shape): Tensor4D {
  const [sh, sw] = op.stride
  if (sh === sw) return tf.depthwiseConv2d(x, kernel, [sh, sw], op.padding)
  const dense = tf.depthwiseConv2d(padded(tf, op, x, output).x, kernel, 1, 'valid')
  const every = (n: number, stride: number) => tf.range(0, (n - 1) * stride + 1, stride, 'int32')
  return tf.gather(tf.gather(dense, every(output[0], sh), 1), every(output[1], sw), 2)
}

/**
 * Mean over what a window sees, padding left out. tfjs's JavaScript gradient divides by the whole window even there, so padding is explicit
 * and the shares are made right afterwards: the gradient follows on every back end.
 */
export function averagePool(tf: Tf, op: OpOf<'averagePool'>, input: Tensor4D, output: Shape): Tensor4D {
  const { x, top, left } = padded(tf, op, input, output)
  const whole = tf.avgPool(x, [...op.kernel], [...op.stride], 'valid')
  if (x === input) return whole
  const [oh, ow] = output
  const seen = (axis: 0 | 1, n: number, before: number, o: number) => {
    const first = o * op.stride[axis] - before
    return Math.min(n, first + op.kernel[axis]) - Math.max(0, first)
  }
  const shares = new Float32Array(oh * ow)
  for (let i = 0; i < oh; i++)
    for (let j = 0; j < ow; j++)
      shares[i * ow + j] = (op.kernel[0] * op.kernel[1]) / (seen(0, input.shape[1], top, i) * seen(1, input.shape[2], left, j))
  return tf.mul(whole, tf.tensor4d(shares, [1, oh, ow, 1]))
}
