import { expect, test } from 'vitest'
import { logMelCost } from '../../src/device/front-end.ts'

const work = (fftSize: number, mels: number) => ({ fftSize, windowSamples: fftSize, weights: fftSize, mels, frames: 10 })
/** Instructions a window that bench/front-end-dsp.ts counted under QEMU 7.2 in CMSIS-DSP 1.10.3 (arm-none-eabi-gcc 12.2, -O2). */
const counted = [
  ['cortex-m4', ['fpu', 'dsp'], 256, 20, 18515, 20170],
  ['cortex-m4', ['fpu', 'dsp'], 512, 40, 38665, 41975],
  ['cortex-m33', ['fpu', 'dsp'], 1024, 40, 72606, 75913],
  ['cortex-m0', [], 256, 20, 389961, 420344],
  ['cortex-m0', [], 512, 40, 842141, 903641],
  ['cortex-m0', [], 1024, 40, 1721547, 1783047],
] as const

test.each(counted)(
  '%s with %j, FFT of %d, %d bands: CMSIS-DSP as counted, within 1 %%',
  (core, features, fft, mels, logMel, mfcc) => {
    // at a kilohertz and 1.3 cycles an instruction, milliseconds over 1.3 are instructions
    const { cmsisDsp } = logMelCost(work(fft, mels), { core, features, clockMhz: 1e-3 })
    expect(cmsisDsp!.windowMs / 1.3 / logMel).toBeCloseTo(1, 2)
    expect(cmsisDsp!.mfccWindowMs / 1.3 / mfcc).toBeCloseTo(1, 2)
    expect(cmsisDsp!.latencyMs).toBeCloseTo(10 * cmsisDsp!.windowMs, 9)
  },
)

test('floats pay with an FPU and cost without; no figure where the library does not run', () => {
  const on = (core: 'cortex-m4' | 'cortex-m0' | 'xtensa-lx7', features: readonly 'fpu'[]) =>
    logMelCost(work(512, 40), { core, features, clockMhz: 100 })
  expect(on('cortex-m4', ['fpu']).cmsisDsp!.windowMs).toBeLessThan(0.6 * on('cortex-m4', ['fpu']).windowMs)
  expect(on('cortex-m0', []).cmsisDsp!.windowMs).toBeGreaterThan(2 * on('cortex-m0', []).windowMs)
  expect(on('xtensa-lx7', []).cmsisDsp).toBeUndefined()
})
