import { elements, type Graph, type Op, outputOf, padBefore } from '../../src/graph/graph.ts'
import { hasBatchNorm, hasWeights } from '../../src/graph/traits.ts'
import { batchNormEpsilon, type Weights, weightName, weightShapes } from '../../src/graph/weights.ts'
import { rng } from '../../src/util/rng.ts'

const activate = (op: Op, v: number): number => {
  const activation = 'activation' in op ? op.activation : 'none'
  if (activation === 'hardSigmoid') return Math.min(1, Math.max(0, v / 6 + 0.5))
  return activation === 'none' ? v : Math.min(activation === 'relu6' ? 6 : Infinity, Math.max(0, v))
}

/** Every tensor of a float network on one example, in double precision, batch norm as it stands: written for clarity, shared with nothing. */
export function forward(graph: Graph, weights: Weights, input: ArrayLike<number>): number[][] {
  const tensors: number[][] = [Array.from(input)]
  graph.ops.forEach((op, i) => {
    const [h, w, c] = graph.shapes[op.inputs[0]!]!
    const [oh, ow, oc] = graph.shapes[outputOf(i)]!
    const x = tensors[op.inputs[0]!]!
    const y = new Array<number>(oh * ow * oc).fill(0)
    const get = (part: Parameters<typeof weightName>[1]) => weights[weightName(i, part)]!
    const finish = (sum: number, o: number) =>
      hasBatchNorm(op)
        ? activate(
            op,
            ((sum - get('mean')[o]!) * get('gamma')[o]!) / Math.sqrt(get('variance')[o]! + batchNormEpsilon) + get('beta')[o]!,
          )
        : activate(op, sum + get('bias')[o]!)
    const overWindow = (visit: (at: number, oy: number, ox: number, tap: number) => void) => {
      if (!('kernel' in op)) throw new Error(op.kind)
      const [top, left] = [
        padBefore(h, op.kernel[0], op.stride[0], oh, op.padding),
        padBefore(w, op.kernel[1], op.stride[1], ow, op.padding),
      ]
      for (let oy = 0; oy < oh; oy++)
        for (let ox = 0; ox < ow; ox++)
          for (let ky = 0; ky < op.kernel[0]; ky++)
            for (let kx = 0; kx < op.kernel[1]; kx++) {
              const [iy, ix] = [oy * op.stride[0] - top + ky, ox * op.stride[1] - left + kx]
              if (iy >= 0 && iy < h && ix >= 0 && ix < w) visit((iy * w + ix) * c, oy, ox, ky * op.kernel[1] + kx)
            }
    }
    switch (op.kind) {
      case 'conv2d': {
        const taps = op.kernel[0] * op.kernel[1]
        overWindow((at, oy, ox, tap) => {
          for (let o = 0; o < oc; o++)
            for (let k = 0; k < c; k++) y[(oy * ow + ox) * oc + o]! += x[at + k]! * get('kernel')[(o * taps + tap) * c + k]!
        })
        y.forEach((v, k) => {
          y[k] = finish(v, k % oc)
        })
        break
      }
      case 'depthwise':
        overWindow((at, oy, ox, tap) => {
          for (let o = 0; o < oc; o++)
            y[(oy * ow + ox) * oc + o]! += x[at + Math.floor(o / op.multiplier)]! * get('kernel')[tap * oc + o]!
        })
        y.forEach((v, k) => {
          y[k] = finish(v, k % oc)
        })
        break
      case 'dense':
        for (let o = 0; o < oc; o++)
          y[o] = finish(
            x.reduce((sum, v, k) => sum + v * get('kernel')[o * x.length + k]!, 0),
            o,
          )
        break
      case 'averagePool': {
        const counts = y.map(() => 0)
        overWindow((at, oy, ox) => {
          for (let k = 0; k < c; k++) {
            y[(oy * ow + ox) * c + k]! += x[at + k]!
            counts[(oy * ow + ox) * c + k]!++
          }
        })
        y.forEach((v, k) => {
          y[k] = activate(op, v / counts[k]!)
        })
        break
      }
      case 'maxPool':
        y.fill(-Infinity)
        overWindow((at, oy, ox) => {
          for (let k = 0; k < c; k++) y[(oy * ow + ox) * c + k] = Math.max(y[(oy * ow + ox) * c + k]!, x[at + k]!)
        })
        y.forEach((v, k) => {
          y[k] = activate(op, v)
        })
        break
      case 'add':
      case 'mul': {
        const b = tensors[op.inputs[1]!]!
        y.forEach((_, k) => {
          y[k] = activate(op, op.kind === 'add' ? x[k]! + b[k]! : x[k]! * b[k % b.length]!)
        })
        break
      }
      case 'mean':
        x.forEach((v, k) => {
          y[k % c]! += v / (h * w)
        })
        break
      case 'softmax':
        for (let at = 0; at < y.length; at += oc) {
          const powers = x.slice(at, at + oc).map((v) => Math.exp(v - Math.max(...x.slice(at, at + oc))))
          const sum = powers.reduce((a, v) => a + v, 0)
          powers.forEach((v, k) => {
            y[at + k] = v / sum
          })
        }
        break
      case 'hardSwish':
        x.forEach((v, k) => {
          y[k] = (v * Math.min(6, Math.max(0, v + 3))) / 6
        })
        break
      case 'reshape':
      case 'quantize':
        x.forEach((v, k) => {
          y[k] = v
        })
        break
      case 'pad':
        for (let k = 0; k < x.length; k++) {
          const [row, column] = [Math.floor(k / (w * c)), Math.floor(k / c) % w]
          y[((row + op.before[0]) * ow + column + op.before[1]) * c + (k % c)] = x[k]!
        }
        break
      case 'concat': {
        let offset = 0
        for (const t of op.inputs) {
          const ct = graph.shapes[t]![2]
          tensors[t]!.forEach((v, k) => {
            y[Math.floor(k / ct) * oc + offset + (k % ct)] = v
          })
          offset += ct
        }
      }
    }
    tensors.push(y)
  })
  return tensors
}

/** Random trained-looking weights: kernels He-scaled, batch norm with spread means and variances. */
export function randomWeights(graph: Graph, seed: number | string): Weights {
  const random = rng(seed, 'weights')
  const weights: Record<string, Float32Array> = {}
  for (const [name, shape] of weightShapes(graph)) {
    const size = shape.reduce((a, b) => a * b, 1)
    const i = Number(name.split('/')[0])
    const op = graph.ops[i]!
    const fanIn = hasWeights(op) && op.kind === 'depthwise' ? op.kernel[0] * op.kernel[1] : size / shape[0]!
    const draw = name.endsWith('kernel')
      ? () => random.normal() * Math.sqrt(2 / fanIn)
      : name.endsWith('variance')
        ? () => 0.5 + random.next()
        : name.endsWith('gamma')
          ? () => 0.5 + random.next()
          : () => random.normal() * 0.3
    weights[name] = Float32Array.from({ length: size }, draw)
  }
  return weights
}

export const randomExample = (graph: Graph, seed: number | string): Float32Array => {
  const random = rng(seed, 'example')
  return Float32Array.from({ length: elements(graph.shapes[0]!) }, () => random.normal())
}
