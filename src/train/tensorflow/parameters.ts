import type { Graph } from '../../graph/graph.ts'
import { type FloatPart, type Weights, weightName, weightShapes } from '../../graph/weights.ts'
import type { Tensor, Tf, Variable } from './library.ts'

export type ParameterOf = (op: number, part: FloatPart) => Variable

/** One named array of `graph/weights.ts` as TensorFlow keeps it. */
export type Parameter = {
  readonly name: string
  readonly variable: Variable
  /** Not a running statistic. */
  readonly trained: boolean
  /** Weight decay touches kernels only. */
  readonly decays: boolean
  /** Copies of values between our layout and TensorFlow's. */
  toStored(values: Float32Array): Tensor
  toNamed(stored: Tensor): Float32Array
}

export type Parameters = {
  readonly all: readonly Parameter[]
  readonly trained: readonly Parameter[]
  readonly of: ParameterOf
  read(): Weights
  /** Throws RangeError where an array is missing or of another size; nothing is written then. */
  write(weights: Weights): void
  dispose(): void
}

export function createParameters(tf: Tf, graph: Graph): Parameters {
  const all = [...weightShapes(graph)].map(([name, shape]) => parameter(tf, graph, name, shape))
  const byName = new Map(all.map((p) => [p.name, p]))
  return {
    all,
    trained: all.filter((p) => p.trained),
    of: (op, part) => byName.get(weightName(op, part))!.variable,
    read: () => Object.fromEntries(all.map((p) => [p.name, p.toNamed(p.variable)])),
    write(weights) {
      for (const { name, variable } of all)
        if (weights[name]?.length !== variable.size)
          throw new RangeError(`weights: ${name} has ${weights[name]?.length ?? 'no'} values, ${variable.size} expected`)
      tf.tidy(() => {
        for (const p of all) p.variable.assign(p.toStored(weights[p.name]!))
      })
    },
    dispose() {
      for (const { variable } of all) variable.dispose()
    },
  }
}

/** Only a convolution's kernel is turned, `[out, kh, kw, in]` to `[kh, kw, in, out]`; a depthwise one gains TensorFlow's multiplier axis. */
function parameter(tf: Tf, graph: Graph, name: string, named: readonly number[]): Parameter {
  const [index, part] = name.split('/') as [string, FloatPart]
  const kind = part === 'kernel' ? graph.ops[Number(index)]!.kind : undefined
  const turned = kind === 'conv2d'
  const shape = kind === 'depthwise' ? [...named, 1] : [...named]
  // tfjs keeps and hands out arrays without copying them: `slice` parts ours from its own.
  const toStored = (values: Float32Array): Tensor => {
    const tensor = tf.tensor(values.slice(), shape)
    return turned ? tf.transpose(tensor, [1, 2, 3, 0]) : tensor
  }
  return {
    name,
    variable: tf.tidy(() => tf.variable(toStored(new Float32Array(named.reduce((a, b) => a * b, 1))))),
    trained: part !== 'mean' && part !== 'variance',
    decays: part === 'kernel',
    toStored,
    toNamed: (stored) => tf.tidy(() => (turned ? tf.transpose(stored, [3, 0, 1, 2]) : stored).dataSync<'float32'>().slice()),
  }
}
