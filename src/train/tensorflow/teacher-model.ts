import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Dataset } from '../../data/dataset.ts'
import { usageError } from '../../util/errors.ts'
import { log } from '../../util/math.ts'
import type { DeclaredSize, NativeTf, TeacherModel, Tensor, Tensor4D, Tf } from './library.ts'
import { loadTensorflow } from './load.ts'

const chunk = 64

/**
 * What a given model says of the examples `indices`: logits `[indices, classes]`. The model is a SavedModel folder, or the `model.json` of a
 * TensorFlow.js layers or graph model. It sees the data's own values (pixels 0 to 255, log-mel, sensor units), resized to its input (bilinear), grey
 * pictures in as many channels as it wants. Probabilities (rows that sum to one) become logits by their logarithm.
 * @throws TinyfrontError where it cannot be loaded, or does not answer with a number per class.
 */
export const teacherLogits = async (path: string, dataset: Dataset, indices: Int32Array): Promise<Float32Array> =>
  logitsOfModel(await loadTensorflow(`--teacher ${path}`, 'pass its logits as .npy'), path, dataset, indices)

/** The same with a TensorFlow in hand; one in pure JavaScript reads `model.json` alone. */
export async function logitsOfModel(
  tf: Tf & Partial<Pick<NativeTf, 'node'>>,
  path: string,
  dataset: Dataset,
  indices: Int32Array,
): Promise<Float32Array> {
  const model = await load(tf, path)
  const classes = dataset.classes.length
  const [height, width, channels] = inputShape(model, dataset)
  const [h, w, c] = dataset.shape
  const size = h * w * c
  const logits = new Float32Array(indices.length * classes)
  for (let from = 0; from < indices.length; from += chunk) {
    const rows = indices.subarray(from, from + chunk)
    const values = new Float32Array(rows.length * size)
    rows.forEach((i, k) => {
      values.set(dataset.samples.subarray(i * size, (i + 1) * size), k * size)
    })
    const answer = tf.tidy(() => {
      let inputs = tf.tensor4d(values, [rows.length, h, w, c])
      if (height !== h || width !== w) inputs = tf.image.resizeBilinear(inputs, [height, width])
      if (channels !== c) inputs = tf.tile(inputs, [1, 1, 1, channels / c]) as Tensor4D
      return firstTensor(model.predict(inputs)).dataSync() as Float32Array
    })
    if (answer.length !== rows.length * classes)
      throw usageError(
        `${path}: answers with ${answer.length / rows.length} numbers an example, the data has ${classes} classes`,
        'give a teacher that was trained on the same classes, in the same order',
      )
    logits.set(asLogits(answer, classes), from * classes)
  }
  return logits
}

async function load(tf: Parameters<typeof logitsOfModel>[0], path: string): Promise<TeacherModel> {
  try {
    if (tf.node && existsSync(join(path, 'saved_model.pb'))) return await tf.node.loadSavedModel(path)
    const { format } = JSON.parse(readFileSync(path, 'utf8')) as { format?: string }
    const handler = fromDisk(path)
    return (await (format === 'graph-model'
      ? tf.loadGraphModel(handler)
      : tf.loadLayersModel(handler))) as unknown as TeacherModel
  } catch (cause) {
    throw usageError(
      `${path}: no model that TensorFlow can load (${(cause as Error).message.split('\n')[0]})`,
      'give a SavedModel folder, the model.json of TensorFlow.js, or logits in .npy',
      cause,
    )
  }
}

/** Model and weights read from the folder of `model.json`, and from nowhere else: a manifest may not name other places. */
function fromDisk(path: string) {
  return {
    async load() {
      const { modelTopology, weightsManifest, format } = JSON.parse(readFileSync(path, 'utf8')) as {
        modelTopology: object
        format?: string
        weightsManifest: { paths: string[]; weights: object[] }[]
      }
      const folder = dirname(resolve(path))
      const parts = weightsManifest.flatMap((group) =>
        group.paths.map((name) => {
          if (!/^[\w.-]+$/.test(name)) throw new Error(`weights outside its folder: ${name}`)
          return readFileSync(join(folder, name))
        }),
      )
      const weightData = new Uint8Array(Buffer.concat(parts)).buffer
      return {
        modelTopology,
        weightSpecs: weightsManifest.flatMap((g) => g.weights) as never,
        weightData,
        ...(format ? { format } : {}),
      }
    },
  }
}

function inputShape(model: TeacherModel, dataset: Dataset): [number, number, number] {
  const [h, w, c] = dataset.shape
  const shape = model.inputs[0]?.shape?.map(sizeOf)
  if (shape?.length !== 4 || model.inputs.length !== 1)
    throw usageError(
      `the teacher's input has shape ${JSON.stringify(shape ?? null)}`,
      'it must take one [batch, height, width, channels]',
    )
  const channels = shape[3] ?? c
  if (channels !== c && c !== 1)
    throw usageError(`the teacher wants ${channels} channels, the data has ${c}`, 'give a teacher of the same kind of data')
  return [shape[1] ?? h, shape[2] ?? w, channels]
}

function sizeOf(declared: DeclaredSize): number | null {
  const size = typeof declared === 'object' && declared ? declared.getSize() : declared
  return size === -1 ? null : size
}

/** Models answer with a tensor, a list of one, or a map of names. */
function firstTensor(answer: unknown): Tensor {
  if (Array.isArray(answer)) return answer[0] as Tensor
  if (answer && typeof answer === 'object' && !('dataSync' in answer)) return Object.values(answer)[0] as Tensor
  return answer as Tensor
}

function asLogits(rows: Float32Array, classes: number): Float32Array {
  for (let i = 0; i < rows.length; i += classes) {
    let sum = 0
    for (let k = 0; k < classes; k++) {
      if (rows[i + k]! < 0) return rows
      sum += rows[i + k]!
    }
    if (Math.abs(sum - 1) > 1e-3) return rows
  }
  return rows.map((p) => log(Math.max(p, 1e-7)))
}
