import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { nativeFloatKernels } from '../../../src/train/wasm/kernel-cases.ts'
import { nativeFile } from '../../../src/util/native.ts'
import { kernelReplay } from '../../helpers/kernel-replay.ts'

const absent = (...tools: string[]) => tools.filter((tool) => spawnSync(tool, ['--version']).status !== 0)
const because = (missing: readonly string[]) => (missing.length > 0 ? ` (skipped: ${missing.join(' and ')} not installed)` : '')
const path = (relative: string) => fileURLToPath(new URL(`../../../${relative}`, import.meta.url))

const arm = ['aarch64-linux-gnu-gcc', 'qemu-aarch64'] as const
const noArm = absent(...arm)

describe.skipIf(noArm.length > 0)(`kernels for ARM under an emulator${because(noArm)}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-aarch64-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  // The flags of native/build.mjs. The fused answers are those of this machine, which fuses if it is an x86 of the last ten years.
  test.each([
    { fused: false, flags: [] },
    { fused: true, flags: ['-DFUSED'] },
  ])('every float kernel leaves the memory that WebAssembly leaves here (fused: $fused)', ({ fused, flags }) => {
    const [program, calls] = [join(folder, `replay-${fused}`), join(folder, `calls-${fused}`)]
    const exact = ['-std=gnu11', '-O3', '-ffp-contract=off', '-fno-math-errno', '-fno-strict-aliasing', '-w', '-static']
    const sources = [path('native/float/index.c'), path('test/helpers/replay-kernels.c')]
    execFileSync(arm[0], [...exact, ...flags, '-DTABLE=kernels', `-I${path('native')}`, ...sources, '-o', program])
    writeFileSync(calls, kernelReplay(fused, 100))
    expect(execFileSync(arm[1], [program, calls], { encoding: 'utf8' })).toBe(`${100 * nativeFloatKernels.length} calls\n`)
  })
})

const noOld = [...absent('qemu-x86_64'), ...(existsSync(nativeFile) && process.arch === 'x64' ? [] : ['native kernels for x64'])]

// The CPU that this runs on has more than either, perhaps: their kernels, int8 too, are tested by the self-test there.
test.skipIf(noOld.length > 0).each([
  ['Nehalem', 'native sse2'],
  ['Haswell', 'native avx2'],
])(`a build copied to a %s takes kernels that it can run, equal to the bit${because(noOld)}`, (cpu, said) => {
  const choose = `import('${path('src/train/wasm/choose.ts')}').then((m) => console.log(m.chooseKernels('auto', false).said))`
  const node = [process.execPath, '--import', 'tsx', '-e', choose]
  expect(execFileSync('qemu-x86_64', ['-cpu', cpu, ...node], { encoding: 'utf8', cwd: path('.') })).toBe(`${said}\n`)
})
