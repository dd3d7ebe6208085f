import { describe, expect, test } from 'vitest'
import { sampleInputs } from '../../src/export/sample.ts'
import { readTflite } from '../../src/export/tflite-read.ts'
import { compareLitert } from '../../src/verify/compare-litert.ts'
import { compareWithLitert, hasLitert } from '../helpers/compare-litert.ts'
import { readShared, sharedFiles } from '../helpers/shared.ts'

describe.skipIf(!hasLitert)('LiteRT and the evaluator agree on every tensor', () => {
  test('of 400 random networks', async () => {
    for (let seed = 1000; seed < 1400; seed++) await compareWithLitert(seed, { maxOps: 12 })
  })

  test.each(sharedFiles('models', '.tflite'))('of the public model %s, as we write it', async (file) => {
    const { model } = readTflite(readShared(`models/${file}`), file)
    expect(await compareLitert(model, sampleInputs(model).slice(0, 1))).toEqual({ status: 'equal', inputs: 1 })
  })
})
