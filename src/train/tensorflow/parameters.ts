import type { Graph } from '../../graph/graph.ts'
import { hasWeights, isPerChannel, type LayerKind, type LayerOp, sizeOf } from '../../graph/traits.ts'
import { type FloatPart, type Parameter as NamedParameter, parametersOf, type Weights, weightName } from '../../graph/weights.ts'
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
  const all = parametersOf(graph).map((named) => createParameter(tf, graph, named))
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

/** How TensorFlow keeps a layer's kernel: our dimensions in this order, with axes of 1 behind them; `reduced`: all of its axes but the output channels'. */
type Stored = { readonly order: readonly number[]; readonly ones: number; readonly reduced: readonly number[] }

const stored: { readonly [K in LayerKind]: Stored } = {
  // [out, kh, kw, in] -> [kh, kw, in, out]
  conv2d: { order: [1, 2, 3, 0], ones: 0, reduced: [0, 1, 2] },
  // [kh, kw, channels] -> [kh, kw, channels, multiplier]
  depthwise: { order: [0, 1, 2], ones: 1, reduced: [0, 1, 3] },
  dense: { order: [0, 1], ones: 0, reduced: [1] },
}

/** Axes over which an int8 kernel has one scale. */
export const scaleAxes = (op: LayerOp): number[] | undefined => (isPerChannel(op) ? [...stored[op.kind].reduced] : undefined)

function createParameter(tf: Tf, graph: Graph, { name, op: index, part, shape: named, isKernel }: NamedParameter): Parameter {
  const op = graph.ops[index]!
  const { order, ones } = isKernel && hasWeights(op) ? stored[op.kind] : { order: [0], ones: 0 }
  const turned = order.some((d, at) => d !== at)
  const back = order.map((_, d) => order.indexOf(d))
  const shape = [...named, ...new Array<number>(ones).fill(1)]
  // tfjs keeps and hands out arrays without copying them: `slice` parts ours from its own.
  const toStored = (values: Float32Array): Tensor => {
    const tensor = tf.tensor(values.slice(), shape)
    return turned ? tf.transpose(tensor, [...order]) : tensor
  }
  return {
    name,
    variable: tf.tidy(() => tf.variable(toStored(new Float32Array(sizeOf(named))))),
    trained: part !== 'mean' && part !== 'variance',
    decays: isKernel,
    toStored,
    toNamed: (values) => tf.tidy(() => (turned ? tf.transpose(values, back) : values).dataSync<'float32'>().slice()),
  }
}
