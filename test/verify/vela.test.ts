import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadTarget } from '../../src/device/load.ts'
import { buildGraph } from '../../src/graph/build.ts'
import { askVela } from '../../src/verify/vela.ts'
import { withRandomParams } from '../helpers/random-model.ts'

const ethos = loadTarget('mps3:ethos-u55-128').runtime.accelerator!
const strided = {
  kind: 'conv2d',
  channels: 4,
  inputs: [0],
  kernel: [3, 3],
  stride: [4, 4],
  padding: 'same',
  activation: 'relu',
} as const
// the first operator is one that the rules send to the CPU
const model = withRandomParams(buildGraph([30, 30, 3], [strided, { kind: 'mean', inputs: [1] }]), 'vela')
const left = "Warning (supported operators) operator: CONV_2D, ofm: 't1_act'\nReason: Unsupported kernel stride: 4, 4\n"
const columns = 'sram_memory_used,dram_memory_used,on_chip_flash_memory_used,off_chip_flash_memory_used,cycles_total'

let folder: string
const before = process.env.VELA
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fake-vela-'))
})
afterEach(() => {
  if (before === undefined) delete process.env.VELA
  else process.env.VELA = before
  rmSync(folder, { recursive: true })
})

/** A program that says and writes what it is told to. */
function fakeVela(says: string, summary: string | null, code = 0): void {
  const file = join(folder, 'vela')
  writeFileSync(join(folder, 'says'), says)
  if (summary !== null) writeFileSync(join(folder, 'summary'), summary)
  const copies = summary === null ? '' : `cp ${join(folder, 'summary')} out/model_summary_fake.csv`
  writeFileSync(file, `#!/bin/sh\nmkdir -p out\ncat ${join(folder, 'says')}\n${copies}\nexit ${code}\n`)
  chmodSync(file, 0o755)
  process.env.VELA = file
}

// a shell script stands for the program
describe.skipIf(process.platform === 'win32')('what Vela says', () => {
  test('is equal where it leaves the same operators to the CPU; figures in bytes and cycles', async () => {
    fakeVela(left, `${columns}\n2.5,0,0,4,1234\n`)
    expect(await askVela(model, ethos)).toEqual({
      status: 'equal',
      configuration: 'ethos-u55-128',
      cycles: 1234,
      sramBytes: 2560,
      flashBytes: 4096,
      onCpu: [{ op: 0, reason: 'Unsupported kernel stride: 4, 4' }],
    })
  })

  test('is found by a path from where the person stands', async () => {
    fakeVela(left, `${columns}\n2.5,0,0,4,1234\n`)
    process.env.VELA = relative(process.cwd(), process.env.VELA!)
    expect(await askVela(model, ethos)).toMatchObject({ status: 'equal' })
  })

  test('is different where it takes what the rules leave, and names the operator', async () => {
    fakeVela('', `${columns}\n2.5,0,0,4,1234\n`)
    expect(await askVela(model, ethos)).toMatchObject({
      status: 'different',
      ops: [{ op: 0, kind: 'conv2d', vela: 'accelerator' }],
    })
  })

  test.each([
    ['it fails', 'no such accelerator\n', null, 1, /no such accelerator/],
    ['it writes no summary', '', null, 0, /wrote no summary/],
    ['its summary lacks a figure', '', 'sram_memory_used\n1\n', 0, /no number for cycles_total/],
    ['a figure is no number', '', `${columns}\n1,1,1,1,many\n`, 0, /no number for cycles_total/],
  ])('is a failure where %s', async (_, says, summary, code, message) => {
    fakeVela(says, summary, code)
    expect(await askVela(model, ethos)).toMatchObject({ status: 'failed', message: expect.stringMatching(message) })
  })

  test('is not asked where the program is missing; how to install it is said', async () => {
    process.env.VELA = join(folder, 'absent')
    expect(await askVela(model, ethos)).toMatchObject({
      status: 'not verified',
      install: expect.stringContaining('ethos-u-vela'),
    })
  })
})
