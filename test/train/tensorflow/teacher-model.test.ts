import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Dataset } from '../../../src/data/dataset.ts'
import { openDataset } from '../../../src/data/open.ts'
import type { Tensor4D } from '../../../src/train/tensorflow/library.ts'
import { logitsOfModel } from '../../../src/train/tensorflow/teacher-model.ts'
import { loadTfjs } from '../wasm/tfjs.ts'

const tf = await loadTfjs()
const folder = mkdtempSync(join(tmpdir(), 'tinyfront-teacher-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!tf)('a teacher in model.json (skipped where @tensorflow/tfjs is not installed)', () => {
  /** Saves what TensorFlow.js itself writes, as `tensorflowjs_converter` lays it out. */
  async function save(name: string, classes: number, activation: 'linear' | 'softmax') {
    const model = tf!.sequential({
      layers: [
        tf!.layers.conv2d({ inputShape: [16, 16, 3], filters: 4, kernelSize: 3, activation: 'relu' }),
        tf!.layers.globalAveragePooling2d({}),
        tf!.layers.dense({ units: classes, activation }),
      ],
    })
    const path = join(folder, `${name}.json`)
    await model.save(
      tf!.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
        writeFileSync(join(folder, `${name}.bin`), new Uint8Array(weightData as ArrayBuffer))
        const weightsManifest = [{ paths: [`${name}.bin`], weights: weightSpecs }]
        writeFileSync(path, JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest }))
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
      }),
    )
    return { model, path }
  }
  const open = (): Promise<Dataset> => openDataset('builtin:shapes?count=120', { seed: '1', cacheDir: folder })
  /** What TensorFlow.js itself answers for the first 70 pictures at the model's size. */
  function answersOf(model: { predict(x: Tensor4D): unknown }, data: Dataset) {
    const size = data.shape[0] * data.shape[1] * data.shape[2]
    const pixels = tf!.tensor4d(Float32Array.from(data.samples.subarray(0, 70 * size)), [70, ...data.shape])
    return (model.predict(tf!.image.resizeBilinear(pixels, [16, 16])) as Tensor4D).dataSync()
  }
  const indices = Int32Array.from({ length: 70 }, (_, i) => i)

  test('answers as it does in TensorFlow.js, on pixels of 0 to 255 at its own size', async () => {
    const data = await open()
    const { model, path } = await save('plain', data.classes.length, 'linear')
    const answer = await logitsOfModel(tf!, path, data, indices)
    const expected = answersOf(model, data)
    answer.forEach((v, i) => {
      expect(v).toBeCloseTo(expected[i]!, 3)
    })
  })

  test('probabilities become logits with the same softmax', async () => {
    const data = await open()
    const { model, path } = await save('soft', data.classes.length, 'softmax')
    const answer = await logitsOfModel(tf!, path, data, indices)
    const again = tf!.softmax(tf!.tensor2d(answer, [70, data.classes.length])).dataSync()
    const expected = answersOf(model, data)
    again.forEach((p, i) => {
      expect(p).toBeCloseTo(expected[i]!, 3)
    })
  })

  test('another number of classes, weights outside its folder and no model at all are told in two lines', async () => {
    const data = await open()
    const { path } = await save('wrong', data.classes.length + 1, 'linear')
    await expect(logitsOfModel(tf!, path, data, indices)).rejects.toThrow(
      /answers with 9 numbers an example, the data has 8 classes/,
    )
    writeFileSync(path, readFileSync(path, 'utf8').replace('"wrong.bin"', '"../../etc/passwd"'))
    await expect(logitsOfModel(tf!, path, data, indices)).rejects.toThrow(/weights outside its folder/)
    await expect(logitsOfModel(tf!, join(folder, 'none.json'), data, indices)).rejects.toThrow(
      /no model that TensorFlow can load/,
    )
  })
})
