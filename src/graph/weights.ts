import { type Graph, outputOf } from './graph.ts'
import { type KernelPart, rowOf } from './operators.ts'
import { hasBatchNorm, hasWeights, kernelsOf } from './traits.ts'

/**
 * Float parameters of a network by name `${opIndex}/${part}`. Layouts are TFLite's, so export copies and never transposes:
 * conv2d kernel `[out, kh, kw, in]`, depthwise kernel `[kh, kw, channels]`, dense kernel `[units, inputs]` (inputs in H, W, C order);
 * batch norm `gamma beta mean variance` `[channels]` on convolutions, `bias` `[units]` on dense layers.
 */
export type Weights = Readonly<Record<string, Float32Array>>
/** Batch norm's four vectors. */
export const normParts = ['gamma', 'beta', 'mean', 'variance'] as const
export type FloatPart = KernelPart | (typeof normParts)[number] | 'bias'

/** Batch norm's epsilon, in training and in folding. */
export const batchNormEpsilon = 1e-3

export const weightName = (opIndex: number, part: FloatPart): string => `${opIndex}/${part}`

/** One named array. */
export type Parameter = {
  readonly name: string
  readonly op: number
  readonly part: FloatPart
  readonly shape: readonly number[]
  /** Weight decay touches kernels only, and only they start at random. */
  readonly isKernel: boolean
}

/** Every parameter in operator order: the contract between engine, quantiser, pruner and store. */
export const parametersOf = (graph: Graph): readonly Parameter[] =>
  graph.ops.flatMap((op, i): Parameter[] => {
    if (!hasWeights(op)) return []
    const vector = [rowOf(op).biases(op as never, graph.shapes[outputOf(i)]!)]
    const kernels = kernelsOf(graph, i).map(({ part, shape }) => {
      return { name: weightName(i, part), op: i, part, shape, isKernel: true }
    })
    const others = (hasBatchNorm(op) ? normParts : (['bias'] as const)).map((part) => {
      return { name: weightName(i, part), op: i, part, shape: vector, isKernel: false }
    })
    return [...kernels, ...others]
  })

/** Dimensions of every parameter by name. */
export const weightShapes = (graph: Graph): ReadonlyMap<string, readonly number[]> =>
  new Map(parametersOf(graph).map(({ name, shape }) => [name, shape]))
