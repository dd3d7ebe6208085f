import { createRequire } from 'node:module'
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { Graph } from '../../../src/graph/graph.ts'
import { hasWeights } from '../../../src/graph/traits.ts'
import { batchNormEpsilon, type Weights, weightName } from '../../../src/graph/weights.ts'
import type { Batch } from '../../../src/train/engine.ts'

/** TensorFlow.js with its pure-JavaScript back end, where it is installed: kernels and gradients that we did not write. */
export async function loadTfjs(): Promise<typeof import('@tensorflow/tfjs') | undefined> {
  try {
    const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as typeof import('@tensorflow/tfjs')
    await tf.setBackend('cpu')
    return tf
  } catch {
    return undefined
  }
}

/** Mean cross entropy of a batch and the gradient of every parameter, batch norm in training mode. */
export function tfjsGradients(
  tf: typeof import('@tensorflow/tfjs'),
  graph: Graph,
  weights: Weights,
  batch: Batch,
): { loss: number; gradients: Weights } {
  const ops = graph.ops.filter((op) => op.kind !== 'softmax')
  const names: string[] = []
  const values: Tensor[] = []
  ops.forEach((op, i) => {
    if (!hasWeights(op)) return
    const [, , c] = graph.shapes[op.inputs[0]]!
    const add = (part: string, shape: number[]) => {
      names.push(`${i}/${part}`)
      values.push(tf.tensor(weights[`${i}/${part}`]!, shape))
    }
    if (op.kind === 'dense') {
      add('kernel', [op.units, weights[weightName(i, 'kernel')]!.length / op.units])
      add('bias', [op.units])
      return
    }
    add('kernel', op.kind === 'conv2d' ? [op.channels, ...op.kernel, c] : [...op.kernel, c, 1])
    for (const part of ['gamma', 'beta']) add(part, [graph.shapes[i + 1]![2]])
  })

  const lossOf = (...parameters: Tensor[]) => {
    const named = new Map(names.map((name, k) => [name, parameters[k]!]))
    const of = (i: number, part: string) => named.get(`${i}/${part}`)!
    const x = tf.tensor4d(batch.inputs, [batch.count, ...graph.shapes[0]!])
    const tensors: Tensor[] = [x]
    ops.forEach((op, i) => {
      const input = tensors[op.inputs[0]!]! as Tensor4D
      let y: Tensor
      if (op.kind === 'conv2d')
        y = tf.conv2d(input, tf.transpose(of(i, 'kernel') as Tensor4D, [1, 2, 3, 0]), [...op.stride], op.padding)
      else if (op.kind === 'depthwise') y = tf.depthwiseConv2d(input, of(i, 'kernel') as Tensor4D, [...op.stride], op.padding)
      else if (op.kind === 'averagePool') {
        // AvgPoolGrad of tfjs divides by the whole window even where the forward pass left padding out; sums by a kernel of ones do not
        const ones = tf.ones([...op.kernel, input.shape[3], 1]) as Tensor4D
        const sums = (of: Tensor4D) => tf.depthwiseConv2d(of, ones, [...op.stride], op.padding)
        y = sums(input).div(sums(tf.onesLike(input)))
      } else if (op.kind === 'maxPool') y = tf.maxPool(input, [...op.kernel], [...op.stride], op.padding)
      else if (op.kind === 'mean') y = input.mean([1, 2], true)
      else if (op.kind === 'add') y = input.add(tensors[op.inputs[1]]!)
      else if (op.kind === 'mul') y = input.mul(tensors[op.inputs[1]]!)
      else if (op.kind === 'hardSwish') y = input.mul(input.add(3).relu6()).div(6)
      else if (op.kind === 'dense')
        y = tf
          .matMul(input.reshape([batch.count, -1]) as Tensor2D, of(i, 'kernel') as Tensor2D, false, true)
          .add(of(i, 'bias'))
          .reshape([batch.count, 1, 1, op.units])
      else throw new Error(op.kind)
      if (op.kind === 'conv2d' || op.kind === 'depthwise') {
        const mean = y.mean([0, 1, 2])
        const centred = y.sub(mean)
        const variance = centred.square().mean([0, 1, 2])
        y = centred.mul(variance.add(batchNormEpsilon).rsqrt()).mul(of(i, 'gamma')).add(of(i, 'beta'))
      }
      if ('activation' in op && op.activation === 'hardSigmoid') y = y.add(3).relu6().div(6)
      else if ('activation' in op && op.activation !== 'none') y = op.activation === 'relu' ? y.relu() : y.relu6()
      tensors.push(y)
    })
    const logits = tensors.at(-1)!.reshape([batch.count, -1])
    const targets = tf.tensor2d(batch.targets, [batch.count, batch.targets.length / batch.count])
    return logits.logSoftmax().mul(targets).sum().div(-batch.count).asScalar()
  }

  const { value, grads } = tf.valueAndGrads(lossOf)(values)
  const gradients = Object.fromEntries(names.map((name, k) => [name, Float32Array.from(grads[k]!.dataSync())]))
  return { loss: value.dataSync()[0]!, gradients }
}
