import { elements, type Graph, hasBatchNorm, hasWeights, outputOf } from './graph.ts'

/**
 * Float parameters of a network by name `${opIndex}/${part}`. Layouts are TFLite's, so export copies and never transposes:
 * conv2d kernel `[out, kh, kw, in]`, depthwise kernel `[kh, kw, channels]`, dense kernel `[units, inputs]` (inputs in H, W, C order);
 * batch norm `gamma beta mean variance` `[channels]` on convolutions, `bias` `[units]` on dense layers.
 */
export type Weights = Readonly<Record<string, Float32Array>>
export type FloatPart = 'kernel' | 'gamma' | 'beta' | 'mean' | 'variance' | 'bias'

/** Batch norm's epsilon, in training and in folding. */
export const batchNormEpsilon = 1e-3

export const weightName = (opIndex: number, part: FloatPart): string => `${opIndex}/${part}`

/** Names and dimensions of every parameter, in operator order: the contract between engine, quantiser, pruner and store. */
export function weightShapes(graph: Graph): ReadonlyMap<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>()
  graph.ops.forEach((op, i) => {
    if (!hasWeights(op)) return
    const input = graph.shapes[op.inputs[0]!]!
    const channels = graph.shapes[outputOf(i)]![2]
    shapes.set(
      weightName(i, 'kernel'),
      op.kind === 'conv2d'
        ? [op.channels, ...op.kernel, input[2]]
        : op.kind === 'depthwise'
          ? [...op.kernel, channels]
          : [op.units, elements(input)],
    )
    if (hasBatchNorm(op))
      for (const part of ['gamma', 'beta', 'mean', 'variance'] as const) shapes.set(weightName(i, part), [channels])
    else shapes.set(weightName(i, 'bias'), [channels])
  })
  return shapes
}
