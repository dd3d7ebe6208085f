/** TensorFlow.js whichever back end runs it: native TensorFlow (`tfjs-node`) for users, pure JavaScript for tests. Types only. */
export type Tf = typeof import('@tensorflow/tfjs')
export type { Scalar, Tensor, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs'
