import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { coreNames } from '../../src/verify/cores.ts'
import { emulate } from '../../src/verify/emulate.ts'
import { randomInput, randomModel } from '../helpers/random-model.ts'

const has = (tool: string) => spawnSync(tool, ['--version']).status === 0
const hasTools = has('arm-none-eabi-gcc') && has('qemu-system-arm')

describe.skipIf(!hasTools)('emulated cores', () => {
  test.each(coreNames)('%s: every tensor of a random network is the evaluator’s', async (core) => {
    const model = randomModel('emulate/1', { maxOps: 12 })
    const report = await emulate(
      model,
      core,
      [0, 1].map((n) => randomInput(model, n)),
    )
    console.log(report)
    expect(report).toMatchObject({ status: 'equal', inputs: 2 })
  })
})
