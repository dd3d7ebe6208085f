import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesField, type Field, intField, message } from '../../src/export/onnx/protobuf.ts'

/** A linear classifier on the mean colour of a picture `[batch, h, w, c]`: logits = mean x weights + bias, or their softmax. */
export type LinearModel = {
  /** -1 = any */
  readonly input: readonly [h: number, w: number, c: number]
  /** `[c, classes]` */
  readonly weights: Float32Array
  readonly bias: Float32Array
  readonly softmax?: boolean
}

/**
 * Writes the model as a TensorFlow SavedModel, field by field of TensorFlow's .proto files: TensorFlow.js loads SavedModels and cannot write one. Without
 * variables there is no checkpoint, as after freezing.
 */
export function writeSavedModel(folder: string, { input, weights, bias, softmax = false }: LinearModel): void {
  const channels = input[2]
  const classes = bias.length
  const result = softmax ? 'probabilities' : 'logits'
  const nodes = [
    node('x', 'Placeholder', [], { dtype: type(float), shape: bytesField(7, shape([-1, ...input])) }),
    constant('axes', int32, [2], Int32Array.of(1, 2)),
    node('mean', 'Mean', ['x', 'axes'], { T: type(float), Tidx: type(int32), keep_dims: flag(false) }),
    constant('weights', float, [channels, classes], weights),
    node('product', 'MatMul', ['mean', 'weights'], { T: type(float), transpose_a: flag(false), transpose_b: flag(false) }),
    constant('bias', float, [classes], bias),
    node('logits', 'AddV2', ['product', 'bias'], { T: type(float) }),
    ...(softmax ? [node('probabilities', 'Softmax', ['logits'], { T: type(float) })] : []),
  ]
  const graph = message(
    nodes.map((n) => bytesField(1, n)),
    bytesField(4, message(intField(1, 1395))),
  )
  const signature = message(
    entry(1, 'x', port('x:0', [-1, ...input])),
    entry(2, 'y', port(`${result}:0`, [-1, classes])),
    bytesField(3, 'tensorflow/serving/predict'),
  )
  const meta = message(bytesField(4, 'serve'), bytesField(5, '2.15.0'))
  const metaGraph = message(bytesField(1, meta), bytesField(2, graph), entry(5, 'serving_default', signature))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'saved_model.pb'), message(intField(1, 1), bytesField(2, metaGraph)))
}

/** Element types of types.proto. */
const [float, int32] = [1, 3]

const type = (code: number): Field => intField(6, code)
const flag = (value: boolean): Field => intField(5, value ? 1 : 0)
const shape = (dims: readonly number[]): Field => message(dims.map((size) => bytesField(2, message(intField(1, size)))))
/** One entry of a map field. */
const entry = (field: number, key: string, value: Field): Field =>
  bytesField(field, message(bytesField(1, key), bytesField(2, value)))
const port = (name: string, dims: readonly number[]): Field =>
  message(bytesField(1, name), intField(2, float), bytesField(3, shape(dims)))

function node(name: string, op: string, inputs: readonly string[], attributes: Readonly<Record<string, Field>>): Field {
  return message(
    bytesField(1, name),
    bytesField(2, op),
    inputs.map((input) => bytesField(3, input)),
    Object.entries(attributes).map(([key, value]) => entry(5, key, message(value))),
  )
}

function constant(name: string, code: number, dims: readonly number[], values: Float32Array | Int32Array): Field {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  const tensor = message(intField(1, code), bytesField(2, shape(dims)), bytesField(4, bytes))
  return node(name, 'Const', [], { dtype: type(code), value: bytesField(8, tensor) })
}
