import { describe, expect, test } from 'vitest'
import { readTflite, readTfliteLayers } from '../../src/export/tflite-read.ts'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { runLitert } from '../../src/verify/litert.ts'
import { hasLitert } from '../helpers/compare-litert.ts'
import { floatTflite, halfTflite } from '../helpers/float-tflite.ts'
import { randomModel } from '../helpers/random-model.ts'
import { hasShared, readShared, sharedFiles } from '../helpers/shared.ts'

const kinds = ['conv2d', 'depthwise', 'dense', 'add', 'averagePool', 'maxPool', 'mean', 'softmax', 'reshape', 'pad'] as const

describe('files that compute in float', () => {
  test.each(['float32', 'keep'] as const)('weights %s: the layers are those of the int8 file', (weights) => {
    for (let seed = 0; seed < 40; seed++) {
      const model = randomModel(`float ${seed}`, { kinds })
      const file = writeTflite(model)
      expect(readTfliteLayers(file)).toEqual({ graph: model.graph, dtype: 'int8' })
      const inFloat = floatTflite(file, weights)
      expect(readTfliteLayers(inFloat)).toEqual({ graph: model.graph, dtype: 'float32' })
      // its values are not those of an int8 network
      expect(() => readTflite(inFloat)).toThrow(/int8|constant int32/)
    }
  })

  test('weights in float16 behind a DEQUANTIZE', () => {
    const { graph, dtype } = readTfliteLayers(halfTflite())
    expect(dtype).toBe('float32')
    expect(graph).toEqual({
      shapes: [
        [6, 6, 3],
        [3, 3, 4],
      ],
      ops: [
        {
          kind: 'conv2d',
          inputs: [0],
          channels: 4,
          kernel: [3, 3],
          stride: [2, 2],
          padding: 'same',
          activation: 'relu',
        },
      ],
    })
  })

  test.skipIf(!hasLitert)('LiteRT takes these files for float networks', async () => {
    const files = [halfTflite(), ...[0, 1, 2].map((seed) => floatTflite(writeTflite(randomModel(`float ${seed}`, { kinds }))))]
    for (const file of files) expect(await runLitert(file, [])).toEqual({ status: 'failed', message: 'the input is not int8' })
  })

  test.skipIf(!hasShared).each(sharedFiles('models', '.tflite'))('public model %s, made float', (file) => {
    const bytes = readShared(`models/${file}`)
    const { graph } = readTflite(bytes, file).model
    expect(readTfliteLayers(bytes, file)).toEqual({ graph, dtype: 'int8' })
    expect(readTfliteLayers(floatTflite(bytes), file)).toEqual({ graph, dtype: 'float32' })
  })

  test('weights that do not fill their shape are refused, not guessed', () => {
    const model = randomModel('short', { kinds: ['conv2d'], maxOps: 1 })
    const file = floatTflite(writeTflite(model))
    // the biases are the last thing in the file: their length, then their values
    const bytes = 4 * model.graph.shapes[1]![2]
    const view = new DataView(file.buffer)
    expect(view.getUint32(file.length - bytes - 4, true)).toBe(bytes)
    view.setUint32(file.length - bytes - 4, bytes - 1, true)
    expect(() => readTfliteLayers(file, 'short.tflite')).toThrow(/short\.tflite.*bytes of floats of shape/)
  })
})
