export { convBackward, convForward } from './conv'
export { depthwiseBackward, depthwiseForward } from './depthwise'
export {
  activateInPlace, addForward, addInto, fill, hardSwishBackward, hardSwishForward, maskBackward, mulBackward, mulForward, restride, scale,
  sum,
} from './elementwise'
export { pack, packTransposed } from './gemm'
export { crossEntropy, huber, softmax } from './loss'
export { matrixBackward, matrixForward } from './matrix'
export { biasPrepare, normApply, normBackward, normFreeze, normGradient, normPrepare, normReduce, rescaleAffine } from './norm'
export { adamw, sgd, squaredNorm } from './optimizer'
export { averageBackward, averageForward, maxBackward, maxForward, meanBackward, meanForward } from './pool'
export { snapColumns } from './quantise'
