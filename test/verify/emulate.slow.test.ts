import { describe, expect, test } from 'vitest'
import { sampleInputs } from '../../src/export/sample.ts'
import { readTflite } from '../../src/export/tflite-read.ts'
import { coreNames } from '../../src/verify/cores.ts'
import { emulate } from '../../src/verify/emulate.ts'
import { hasArmTools } from '../helpers/arm-tools.ts'
import { randomInput, randomModel } from '../helpers/random-model.ts'
import { readShared, sharedFiles } from '../helpers/shared.ts'

describe.skipIf(!hasArmTools).each(coreNames)('%s', (core) => {
  test.each([2, 3, 4, 5, 6, 7])('random network %i', async (seed) => {
    const model = randomModel(`emulate/${seed}`, { maxOps: 12 })
    expect(await emulate(model, core, [randomInput(model, seed)])).toMatchObject({ status: 'equal' })
  })

  test.each([2, 3, 4])('random network %i with weights in 4 bits', async (seed) => {
    const model = randomModel(`emulate/int4/${seed}`, { maxOps: 12, int4: 'some' })
    expect(await emulate(model, core, [randomInput(model, seed)])).toMatchObject({ status: 'equal' })
  })

  test.each(sharedFiles('models', '.tflite'))('public model %s', async (file) => {
    const { model } = readTflite(readShared(`models/${file}`), file)
    expect(await emulate(model, core, sampleInputs(model).slice(0, 1))).toMatchObject({ status: 'equal' })
  })
})
