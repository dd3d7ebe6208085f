import { elements, type Graph, type LayerActivation, outputOf } from '../../graph/graph.ts'

/** What a rule may look at. Absent values (the kernel of an addition) are 1; flags are 0 or 1. */
export const featureNames = [
  'kernelHeight',
  'kernelWidth',
  'taps',
  'strideHeight',
  'strideWidth',
  'stride',
  'padded',
  'multiplier',
  'inputs',
  'inputHeight',
  'inputWidth',
  'inputChannels',
  'inputPixels',
  'inputValues',
  'rowValues',
  'outputHeight',
  'outputWidth',
  'outputChannels',
  'filterValues',
  'oneDimensional',
  'relu6',
  'hardSigmoid',
  'flattens',
  'sumsOfChannels4',
] as const
export type FeatureName = (typeof featureNames)[number]

/** One feature of operator i. Pure. */
export function featureOf(name: FeatureName, graph: Graph, i: number): number {
  const op = graph.ops[i]!
  const input = graph.shapes[op.inputs[0]!]!
  const output = graph.shapes[outputOf(i)]!
  const kernel = 'kernel' in op ? op.kernel : ([1, 1] as const)
  const stride = 'stride' in op ? op.stride : ([1, 1] as const)
  const activation: LayerActivation = 'activation' in op ? op.activation : 'none'
  switch (name) {
    case 'kernelHeight':
      return kernel[0]
    case 'kernelWidth':
      return kernel[1]
    case 'taps':
      return kernel[0] * kernel[1]
    case 'strideHeight':
      return stride[0]
    case 'strideWidth':
      return stride[1]
    case 'stride':
      return Math.max(stride[0], stride[1])
    case 'padded':
      return Number(
        'padding' in op && op.padding === 'same' && [0, 1].some((d) => overhang(input[d]!, output[d]!, kernel[d]!, stride[d]!)),
      )
    case 'multiplier':
      return op.kind === 'depthwise' ? op.multiplier : 1
    case 'inputs':
      return op.inputs.length
    case 'inputHeight':
      return input[0]
    case 'inputWidth':
      return input[1]
    case 'inputChannels':
      return input[2]
    case 'inputPixels':
      return input[0] * input[1]
    case 'inputValues':
      return elements(input)
    case 'rowValues':
      return input[1] * input[2]
    case 'outputHeight':
      return output[0]
    case 'outputWidth':
      return output[1]
    case 'outputChannels':
      return output[2]
    case 'filterValues':
      return kernel[0] * kernel[1] * input[2]
    case 'oneDimensional':
      return Number(input[1] === 1 && kernel[1] === 1)
    case 'relu6':
      return Number(activation === 'relu6')
    case 'hardSigmoid':
      return Number(activation === 'hardSigmoid')
    case 'flattens':
      return Number(output[0] === 1 && output[1] === 1)
    case 'sumsOfChannels4':
      // of a concatenation: every part but the last begins and ends at a multiple of four channels
      return Number(op.inputs.slice(0, -1).every((t) => graph.shapes[t]![2] % 4 === 0))
  }
}

/** Whether windows reach over the end: padding SAME that pads nothing is padding VALID. */
const overhang = (n: number, out: number, kernel: number, stride: number): boolean => (out - 1) * stride + kernel > n
