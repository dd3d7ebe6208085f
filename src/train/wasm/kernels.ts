type Kernel<Arity extends readonly string[], Result = void> = (...args: { [K in keyof Arity]: number }) => Result
type Image = ['count', 'H', 'W', 'C']
type Window = ['kh', 'kw', 'sh', 'sw', 'top', 'left']
type Padded = ['HP', 'WP', 'OH', 'OW']
type In = ['x', 'inAffine', 'inActivation']
type Out = ['dy', 'z', 'affine', 'coefficients', 'activation']

/** The float kernels of `assembly/float`, where each is explained. Every argument is a number: a count, a float or a byte address. */
export type FloatKernels = {
  matrixForward: Kernel<['M', 'N', 'K', ...In, 'packed', 'z', 'S', 'partial', 'rows', 'scratch']>
  matrixBackward: Kernel<['M', 'N', 'K', ...Out, ...In, 'packed', 'dW', 'dx', 'inS', 'partial', 'rows', 'scratch']>
  convForward: Kernel<[...Image, 'CS', ...Window, ...Padded, 'N', 'K', ...In, 'packed', 'z', 'S', 'partial', 'rows', 'scratch']>
  convBackward: Kernel<
    [...Image, 'CS', ...Window, ...Padded, 'N', 'K', ...Out, ...In, 'packed', 'dW', 'dx', 'inS', 'partial', 'rows', 'scratch']
  >
  depthwiseForward: Kernel<[...Image, ...Window, ...Padded, ...In, 'weights', 'z', 'S', 'partial', 'scratch']>
  depthwiseBackward: Kernel<[...Image, ...Window, ...Padded, ...Out, ...In, 'weights', 'dW', 'dx', 'inS', 'partial', 'scratch']>
  snapColumns: Kernel<['K', 'N', 'W', 'whole', 'levels', 'Q']>
  pack: Kernel<['K', 'N', 'W', 'packed']>
  packTransposed: Kernel<['K', 'N', 'W', 'packed']>
  normPrepare: Kernel<['M', 'C', 'S', 'gamma', 'beta', 'mean', 'variance', 'keep', 'epsilon', 'affine']>
  normFreeze: Kernel<['C', 'gamma', 'beta', 'mean', 'variance', 'epsilon', 'affine']>
  biasPrepare: Kernel<['C', 'bias', 'affine']>
  normApply: Kernel<['M', 'C', 'z', 'affine', 'activation', 'y']>
  normReduce: Kernel<['M', 'C', 'dy', 'z', 'affine', 'activation', 'S', 'partial']>
  rescaleAffine: Kernel<['C', 'channels', 'gain', 'shift', 'affine']>
  normGradient: Kernel<['M', 'C', 'S', 'affine', 'frozen', 'dgamma', 'dbeta', 'coefficients']>
  averageForward: Kernel<[...Image, ...Window, 'OH', 'OW', 'x', 'activation', 'y']>
  averageBackward: Kernel<[...Image, ...Window, 'OH', 'OW', 'y', 'activation', 'dy', 'dx']>
  maxForward: Kernel<[...Image, ...Window, 'OH', 'OW', 'x', 'activation', 'y']>
  maxBackward: Kernel<[...Image, ...Window, 'OH', 'OW', 'x', 'y', 'activation', 'dy', 'dx']>
  meanForward: Kernel<['count', 'pixels', 'C', 'x', 'y']>
  meanBackward: Kernel<['count', 'pixels', 'C', 'dy', 'dx']>
  addForward: Kernel<['M', 'C', 'a', 'aAffine', 'aActivation', 'b', 'bAffine', 'bActivation', 'activation', 'y']>
  mulForward: Kernel<['count', 'pixels', 'C', 'a', 'b', 'activation', 'y']>
  mulBackward: Kernel<['count', 'pixels', 'C', 'dy', 'a', 'b', 'da', 'db']>
  hardSwishForward: Kernel<['M', 'C', ...In, 'activation', 'y']>
  hardSwishBackward: Kernel<['M', 'C', ...In, 'dy', 'dx']>
  maskBackward: Kernel<['n', 'y', 'activation', 'dy', 'dx']>
  activateInPlace: Kernel<['n', 'y', 'activation']>
  addInto: Kernel<['n', 'x', 'y']>
  sum: Kernel<['n', 'a', 'b', 'y']>
  scale: Kernel<['n', 'y', 'factor']>
  fill: Kernel<['n', 'p', 'value']>
  restride: Kernel<['rows', 'from', 'to', 'x', 'y']>
  crossEntropy: Kernel<
    ['count', 'K', 'logits', 'targets', 'smoothing', 'classWeights', 'teacher', 'alpha', 'temperature', 'gradient'],
    number
  >
  huber: Kernel<['count', 'K', 'outputs', 'targets', 'delta', 'scale', 'add', 'gradient'], number>
  softmax: Kernel<['count', 'K', 'x']>
  squaredNorm: Kernel<['n', 'g'], number>
  sgd: Kernel<['n', 'p', 'g', 'v', 'learningRate', 'momentum', 'keep', 'share']>
  adamw: Kernel<['n', 'p', 'g', 'm', 'v', 'learningRate', 'beta1', 'beta2', 'epsilon', 'c1', 'c2', 'keep', 'share']>
}
