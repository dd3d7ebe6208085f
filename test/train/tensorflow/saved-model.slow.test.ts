import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openDataset } from '../../../src/data/open.ts'
import { readStudy } from '../../../src/run/record/open.ts'
import { loadTensorflow } from '../../../src/train/tensorflow/load.ts'
import { teacherLogits } from '../../../src/train/tensorflow/teacher-model.ts'
import { rng } from '../../../src/util/rng.ts'
import { cli } from '../../helpers/cli.ts'
import { writeSavedModel } from '../../helpers/saved-model.ts'

const tf = await loadTensorflow('a test', 'skip it').catch(() => undefined)
const folder = mkdtempSync(join(tmpdir(), 'tinyfront-saved-model-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!tf)('a SavedModel as teacher (skipped where @tensorflow/tfjs-node is not set up)', () => {
  const data = 'builtin:shapes?count=160'
  const open = () => openDataset(data, { seed: '1', cacheDir: folder })
  const random = rng('saved model')
  const linear = (channels: number, classes: number) => ({
    weights: Float32Array.from({ length: channels * classes }, () => 0.02 * random.normal()),
    bias: Float32Array.from({ length: classes }, () => random.normal()),
  })
  const indices = Int32Array.from({ length: 70 }, (_, i) => 2 * i)

  test('says of pixels of 0 to 255 what its graph computes, batch after batch', async () => {
    const dataset = await open()
    const [h, w, c] = dataset.shape
    const classes = dataset.classes.length
    const { weights, bias } = linear(c, classes)
    const path = join(folder, 'linear')
    writeSavedModel(path, { input: [-1, -1, c], weights, bias })
    const answer = await teacherLogits(path, dataset, indices)
    expect(answer.length).toBe(indices.length * classes)
    indices.forEach((example, row) => {
      const mean = new Float64Array(c)
      for (let k = 0; k < h * w * c; k++) mean[k % c]! += dataset.samples[example * h * w * c + k]! / (h * w)
      for (let y = 0; y < classes; y++) {
        const expected = mean.reduce((sum, v, i) => sum + v * weights[i * classes + y]!, bias[y]!)
        expect(answer[row * classes + y]).toBeCloseTo(expected, 3)
      }
    })
  })

  test('pictures are resized to its input, and probabilities become logits', async () => {
    const dataset = await open()
    const [h, w, c] = dataset.shape
    const classes = dataset.classes.length
    const model = { input: [12, 20, c] as const, ...linear(c, classes) }
    for (const softmax of [false, true]) writeSavedModel(join(folder, `sized-${softmax}`), { ...model, softmax })
    const [logits, soft] = await Promise.all(
      [false, true].map((s) => teacherLogits(join(folder, `sized-${s}`), dataset, indices)),
    )
    const size = h * w * c
    const pixels = new Float32Array(indices.length * size)
    indices.forEach((example, row) => {
      pixels.set(dataset.samples.subarray(example * size, (example + 1) * size), row * size)
    })
    const means = tf!.mean(tf!.image.resizeBilinear(tf!.tensor4d(pixels, [indices.length, h, w, c]), [12, 20]), [1, 2])
    const expected = tf!.add(tf!.matMul(means as never, tf!.tensor2d(model.weights, [c, classes])), tf!.tensor1d(model.bias))
    expected.dataSync().forEach((v, k) => {
      expect(logits![k]).toBeCloseTo(v, 3)
    })
    const shares = (rows: Float32Array) => tf!.softmax(tf!.tensor2d(rows, [indices.length, classes])).dataSync()
    shares(soft!).forEach((p, k) => {
      expect(p).toBeCloseTo(shares(logits!)[k]!, 4)
    })
  })

  test('what does not fit is told in two lines', async () => {
    const dataset = await open()
    const [h, w, c] = dataset.shape
    const classes = dataset.classes.length
    const path = join(folder, 'wrong')
    writeSavedModel(path, { input: [h, w, c + 1], ...linear(c + 1, classes) })
    await expect(teacherLogits(path, dataset, indices)).rejects.toThrow(`the teacher wants ${c + 1} channels, the data has ${c}`)
    writeSavedModel(join(folder, 'classes'), { input: [h, w, c], ...linear(c, classes + 2) })
    await expect(teacherLogits(join(folder, 'classes'), dataset, indices)).rejects.toThrow(
      `answers with ${classes + 2} numbers an example, the data has ${classes} classes`,
    )
  })

  test('search --teacher FOLDER teaches every trial with it, and a changed one stops resume', async () => {
    const dataset = await open()
    const classes = dataset.classes.length
    const path = join(folder, 'teacher')
    const model = { input: dataset.shape, ...linear(dataset.shape[2], classes) } as const
    writeSavedModel(path, model)
    const results = join(folder, 'results')
    const common = ['--results', results, '--quiet']
    const asked = [
      '--data',
      data,
      '--device',
      'stm32f446',
      '--study',
      'taught',
      '--trials',
      '2',
      '--workers',
      '1',
      '--polish',
      '0',
    ]
    const searched = await cli('search', ...asked, '--teacher', path, ...common)
    expect(searched.err).not.toMatch(/error/i)
    expect(searched.code).toBe(0)
    const store = await readStudy(results, 'taught')
    const trained = store.trials().filter((t) => t.state === 'trained')
    expect(trained.length).toBe(2)
    for (const trial of trained) expect(trial.steps.map((s) => s.step)).toContain('distilled')
    expect(readdirSync(results)).toContain('taught')

    writeSavedModel(path, { ...model, bias: model.bias.map((b) => b + 1) })
    const resumed = await cli('resume', 'taught', '--trials', '3', ...common)
    expect(resumed.code).not.toBe(0)
    expect(resumed.err).toMatch(/teacher/)
  })
})
