import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { defaultLogMel, logMel } from '../../src/data/log-mel.ts'
import { exportModel } from '../../src/export/bundle/bundle.ts'
import type { ExportMeta } from '../../src/export/meta.ts'
import { elements } from '../../src/graph/graph.ts'
import { quantiseInput } from '../../src/quant/input.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { rng } from '../../src/util/rng.ts'
import { wavBytes } from '../data/make.ts'
import { hasArmTools } from '../helpers/arm-tools.ts'
import { randomModel } from '../helpers/random-model.ts'

// compilers and emulators are slow on a busy machine
vi.setConfig({ testTimeout: 120_000 })
const folder = mkdtempSync(join(tmpdir(), 'tinyfront-cmake-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const model = Array.from({ length: 40 }, (_, i) => randomModel(`hears${i}`, { maxSide: 12 })).find(
  ({ graph: { shapes } }) => shapes[0]![0] > 3 && shapes[0]![1] > 4 && shapes[0]![2] === 1 && elements(shapes.at(-1)!) > 2,
)!
const [rows, mels] = model.graph.shapes[0]!
const front = logMel({ ...defaultLogMel(8000), mels })
const { windowSamples, hopSamples } = defaultLogMel(8000)
const clipSamples = windowSamples + (rows - 1) * hopSamples
const labels = Array.from({ length: elements(model.graph.shapes.at(-1)!) }, (_, i) => `word ${i}`)
const meta: ExportMeta = {
  name: 'hears',
  labels,
  normalisation: { offset: [-6], scale: [0.3] },
  frontEnd: { ...front.describe, clipSamples },
}

const machines = {
  'cortex-m0plus': ['microbit', '-global', 'nrf51-soc.sram-size=4194304', '-global', 'nrf51-soc.flash-size=2097152'],
  'cortex-m4': ['mps2-an386'],
  'cortex-m33': ['mps2-an505'],
  'cortex-m55': ['mps3-an547'],
} as const

/** What training's own code and the evaluator say of a recording, padded with silence. */
function expected(samples: Int16Array): string {
  const clip = new Float32Array(clipSamples)
  clip.set(Float32Array.from(samples.subarray(0, clipSamples), (s) => s / 32768))
  const values = new Float32Array(rows * mels)
  front.compute(clip, values, 0)
  const input = quantiseInput(
    values.map((v) => (v + 6) * 0.3),
    model.tensors[0]!,
  )
  const output = evaluateReference(model, input, 'tflm').at(-1)!
  return labels[output.indexOf(Math.max(...output))]!
}

const recordings = [clipSamples, clipSamples + 777, clipSamples - 1001, clipSamples].map((length, seed) => {
  const random = rng('recording', seed)
  const loud = [9000, 9000, 9000, 0][seed]!
  return Int16Array.from({ length }, (_, i) => Math.round(loud * (Math.sin(i * i * 1e-4 * (seed + 1)) + 0.1 * random.normal())))
})

/** The firmware in QEMU, as its README says. */
function emulate(cwd: string, machine: readonly string[]) {
  const args = ['-M', ...machine, '-nodefaults', '-display', 'none', '-monitor', 'none', '-serial', 'none']
  const out = ['-chardev', 'stdio,id=out', '-semihosting-config', 'enable=on,target=native,chardev=out']
  const all = [...args, ...out, '-kernel', 'build/firmware.elf']
  return spawnSync('qemu-system-arm', all, { cwd, encoding: 'utf8', timeout: 60_000, input: '' })
}

const hasCmake = spawnSync('cmake', ['--version']).status === 0
describe.skipIf(!hasArmTools || !hasCmake)('bare firmware by CMake', () => {
  test.each(Object.entries(machines))('%s: built, run in QEMU, from WAV to label', (core, machine) => {
    const cwd = join(folder, core)
    for (const { path, data } of exportModel(model, meta, 'cmake', core === 'cortex-m4' ? 'voice' : undefined)) {
      mkdirSync(dirname(join(cwd, path)), { recursive: true })
      writeFileSync(join(cwd, path), data)
    }
    const run = (tool: string, args: readonly string[]) =>
      execFileSync(tool, args, { cwd, stdio: 'pipe', encoding: 'utf8', env: { ...process.env, CFLAGS: '-Wall -Wextra -Werror' } })
    run('cmake', ['-B', 'build', '-DCMAKE_TOOLCHAIN_FILE=cmake/arm-none-eabi.cmake', `-DCORE=${core}`])
    run('cmake', ['--build', 'build'])
    expect(emulate(cwd, machine)).toMatchObject({ status: 0, stdout: 'self test: right\n' })
    for (const samples of recordings) {
      writeFileSync(join(cwd, 'recording.wav'), wavBytes({ rate: 8000, bits: 16, code: 1, values: samples }))
      expect(emulate(cwd, machine)).toMatchObject({ status: 0, stdout: `self test: right\nhears: ${expected(samples)}\n` })
    }
    writeFileSync(join(cwd, 'recording.wav'), wavBytes({ rate: 16000, bits: 16, code: 1, values: new Int16Array(9000) }))
    expect(emulate(cwd, machine)).toMatchObject({ status: 2, stdout: expect.stringContaining('is no WAV of one channel') })
  })

  test('the recordings of this test are not all heard as one word', () => {
    expect(new Set(recordings.map(expected)).size).toBeGreaterThan(1)
  })

  test('a wrong byte is noticed', () => {
    const cwd = join(folder, 'cortex-m33')
    const file = join(cwd, 'network/tinyfront_sample.h')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/(output\[\d+\] = \{\s+)-?\d+/, '$199'))
    execFileSync('cmake', ['--build', 'build'], { cwd, stdio: 'pipe' })
    expect(emulate(cwd, machines['cortex-m33'])).toMatchObject({ status: 1, stdout: 'self test: WRONG\n' })
  })

  test('a core that is not known is refused by name', () => {
    const cwd = join(folder, 'cortex-m4')
    const args = ['-B', 'other', '-DCMAKE_TOOLCHAIN_FILE=cmake/arm-none-eabi.cmake', '-DCORE=cortex-m99']
    expect(spawnSync('cmake', args, { cwd, encoding: 'utf8' }).stderr).toContain('CORE=cortex-m99: one of')
  })
})
