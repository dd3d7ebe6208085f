/** TensorFlow.js whichever back end runs it: native TensorFlow (`tfjs-node`) for users, pure JavaScript for tests. Types only. */
export type Tf = typeof import('@tensorflow/tfjs')
/** What only the native one has: TensorFlow's own saved models. */
export type NativeTf = Tf & { readonly node: { loadSavedModel(path: string): Promise<TeacherModel> } }

/** A size as models declare it: null or -1 = any; tfjs-node gives those of a SavedModel as the messages of its file. */
export type DeclaredSize = number | null | { getSize(): number }
/** A model of any framework that TensorFlow.js loads. */
export type TeacherModel = {
  readonly inputs: readonly { readonly shape?: readonly DeclaredSize[] | undefined }[]
  predict(inputs: import('@tensorflow/tfjs').Tensor): unknown
}

export type { Scalar, Tensor, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs'
