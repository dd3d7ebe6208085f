import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import type { QuantizedModel } from '../../src/quant/model.ts'
import { cores, emulatedCore } from '../../src/verify/cores.ts'
import { emulate } from '../../src/verify/emulate.ts'
import { hasArmTools } from '../helpers/arm-tools.ts'
import { allKinds, randomInput, randomModel } from '../helpers/random-model.ts'

// compilers and runtimes are slow on a busy machine
vi.setConfig({ testTimeout: 120_000 })

const model = randomModel('emulate/1', { maxOps: 12 })
const inputs = [0, 1].map((n) => randomInput(model, n))

// the other cores: emulate.slow.test.ts
test.skipIf(!hasArmTools).each(['cortex-m0', 'cortex-m4'] as const)(
  '%s: every tensor of a random network is the evaluator’s',
  async (core) => {
    const report = await emulate(model, core, inputs)
    expect(report).toMatchObject({ status: 'equal', inputs: 2 })
    if (report.status !== 'equal') return
    expect(report.ramBytes).toBeGreaterThan(model.graph.shapes[0]!.reduce((a, b) => a * b))
    expect(report.stackBytes).toBeGreaterThan(50)
    expect(report.stackBytes).toBeLessThan(600)
    expect(report.instructions).toBeGreaterThan(1000)
    // the parts make the whole, up to the calls between them
    const sum = report.layerInstructions.reduce<number>((total, n) => total + n!, 0)
    expect(report.layerInstructions.length).toBe(model.graph.ops.length)
    expect(Math.abs(sum / report.instructions! - 1)).toBeLessThan(0.1)
  },
)

test.skipIf(!hasArmTools).each(['cortex-m0', 'cortex-m4'] as const)('%s: the same with weights in 4 bits', async (core) => {
  for (const seed of [1, 2]) {
    const narrow = randomModel(`emulate/int4/${seed}`, { maxOps: 10, int4: 'all', kinds: [...allKinds, 'conv2d', 'depthwise'] })
    const given = [0, 1].map((n) => randomInput(narrow, n))
    expect(await emulate(narrow, core, given)).toMatchObject({ status: 'equal', inputs: 2 })
  }
})

test.skipIf(!hasArmTools)('cortex-m4: sums of the largest products of weights in 4 bits stay whole', async () => {
  const graph = buildGraph([1, 1, 1100], [{ kind: 'dense', inputs: [0], units: 7, activation: 'none', weightBits: 4 }])
  const extreme: QuantizedModel = {
    graph,
    tensors: [
      { scale: 1, zeroPoint: 127 },
      { scale: 32768, zeroPoint: 0 },
    ],
    layers: [
      {
        kernels: [
          {
            weights: Int8Array.from({ length: 7700 }, (_, k) => (k < 3300 ? -8 : 7)),
            weightScales: Float32Array.of(1),
          },
        ],
        bias: new Int32Array(7),
      },
    ],
  }
  const report = await emulate(extreme, 'cortex-m4', [new Int8Array(1100).fill(-128), new Int8Array(1100).fill(127)])
  expect(report).toMatchObject({ status: 'equal', inputs: 2 })
})

describe('what can go wrong', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-fake-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  /** A stand-in for a tool. */
  const script = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\n${text}\n`)
    chmodSync(path, 0o755)
    return path
  }
  const compiler = script('compiler', 'exit 0')
  const run = (name: string, text: string, seconds = 10) =>
    emulate(model, 'cortex-m4', inputs, { compiler, emulator: script(name, text), seconds })

  test('a tool that is not installed: not verified, and how to install it', async () => {
    const report = await emulate(model, 'cortex-m4', inputs, { compiler: 'no-such-compiler' })
    expect(report).toEqual({
      core: 'cortex-m4',
      status: 'not verified',
      missing: 'no-such-compiler',
      install: 'apt-get install gcc-arm-none-eabi qemu-system-arm',
    })
    expect(await emulate(model, 'cortex-m4', inputs, { compiler, emulator: 'no-such-qemu' })).toMatchObject({
      status: 'not verified',
      missing: 'no-such-qemu',
    })
  })

  test('a checksum that differs names the operator', async () => {
    expect(await run('wrong', 'echo L 0 0 1 0 0; echo DONE')).toMatchObject({
      status: 'different',
      input: 0,
      op: 0,
      kind: model.graph.ops[0]!.kind,
    })
  })

  test('a fault, an endless loop, an early end', async () => {
    expect(await run('fault', 'echo FAULT exception 3 pc 00000100; exit 73')).toMatchObject({
      status: 'fault',
      message: /exception 3/,
    })
    expect(await run('sleep', 'exec sleep 60', 0.3)).toMatchObject({ status: 'timeout' })
    expect(await run('abort', 'kill -ABRT $$')).toMatchObject({ status: 'fault' })
    expect(await run('early', 'exit 9')).toMatchObject({ status: 'failed' })
  })

  test('a network too large for the board', async () => {
    const linker = script('linker', "echo 'region `CODE'\"'\"' overflowed by 1234 bytes' >&2; exit 1")
    expect(await emulate(model, 'cortex-m4', inputs, { compiler: linker })).toMatchObject({
      status: 'does not fit',
      message: /1234 bytes/,
    })
  })
})

test('cores of devices', () => {
  expect(emulatedCore('cortex-m4')).toBe('cortex-m4')
  expect(emulatedCore('cortex-m0plus')).toBe('cortex-m0')
  expect(emulatedCore('cortex-m85')).toBe('cortex-m55')
  expect(emulatedCore('xtensa-lx7')).toBeUndefined()
  for (const core of Object.values(cores)) expect(core.ram[0]).not.toBe(core.code[0])
})
