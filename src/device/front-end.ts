import { log2 } from '../util/math.ts'
import type { CoreName } from './cores.ts'
import type { Device } from './schema.ts'

/** What a log-mel front end has to do for a window: sizes that its time and memory follow from. */
export type LogMelWork = {
  readonly fftSize: number
  readonly windowSamples: number
  /** Weights of all bands together. */
  readonly weights: number
  readonly mels: number
  /** Windows of one input of the network. */
  readonly frames: number
}

/** Price of the front end's generated C on one board, beside the network. Its time is an estimate, with an interval of 90 %. */
export type FrontEndCost = {
  /** One window: what a stream computes every hop. */
  readonly windowMs: number
  /** All windows of one input. */
  readonly latencyMs: number
  readonly latencyLowMs: number
  readonly latencyHighMs: number
  /** FFT in place, and the last window of a stream. */
  readonly ramBytes: number
  readonly flashBytes: number
  /** The same front end in float32 by CMSIS-DSP: what another firmware would take, not bit for bit what training saw. Absent off Cortex-M. */
  readonly cmsisDsp?: DspCost
}
export type DspCost = Pick<FrontEndCost, 'windowMs' | 'latencyMs' | 'ramBytes' | 'flashBytes'> & { readonly mfccWindowMs: number }

/**
 * Instructions of a window for each butterfly of the FFT, each value of it, each weight of a band and each band: what QEMU 7.2 counts in the C of an export
 * (arm-none-eabi-gcc 12.2, -O2), fitted to seven front ends of 128 to 2048 values; within 1.1 % of each. ARMv6-M multiplies 64 bits in a library.
 */
const instructions = {
  short: { butterfly: 244.6, value: 124.4, weight: 65.4, band: 234.8 },
  long: { butterfly: 30.2, value: 58, weight: 22.3, band: 168.5 },
} as const
const codeBytes = { short: 1616, long: 1416 } as const

/**
 * Instructions of a window by CMSIS-DSP 1.10.3 in float32, for each value of the FFT, the same times its stages, each band, and each product of an MFCC's cosine
 * transform: counted under QEMU on M4, M7 and M33 (equal within 0.1 %) and on M0, where a library adds and multiplies floats (bench/front-end-dsp.ts).
 */
const dspInstructions = {
  fpu: { value: 31.03, stage: 3.193, band: 201.6, product: 6.4 },
  soft: { value: 381, stage: 121.5, band: 2180, product: 118 },
} as const
const dspCodeBytes = { fpu: 5764, soft: 7960 } as const
/** Coefficients that an MFCC usually keeps. */
const usualCepstra = 13

const isShort = (core: CoreName): boolean => core === 'cortex-m0' || core === 'cortex-m0plus' || core === 'cortex-m23'

/** Cycles of an instruction: cores of two issues do two at a time in part, the others wait for loads and branches. Taken, not measured on boards. */
const cyclesPerInstruction = (core: CoreName): number => (/^cortex-m(7|85)$/.test(core) ? 0.8 : core === 'cortex-m55' ? 1 : 1.3)
const interval = [0.65, 1.6] as const

/** Instructions of one window by the generated C. */
export const windowInstructions = ({ fftSize, weights, mels }: Omit<LogMelWork, 'frames'>, core: CoreName): number => {
  const each = instructions[isShort(core) ? 'short' : 'long']
  return each.butterfly * (fftSize / 4) * log2(fftSize / 2) + each.value * fftSize + each.weight * weights + each.band * mels
}

/** Prices the front end on a board. Pure arithmetic of sizes. */
export function logMelCost(work: LogMelWork, device: Pick<Device, 'core' | 'clockMhz' | 'features'>): FrontEndCost {
  const { fftSize, windowSamples, frames } = work
  const kind = isShort(device.core) ? 'short' : 'long'
  const windowMs = (windowInstructions(work, device.core) * cyclesPerInstruction(device.core)) / (device.clockMhz * 1000)
  return {
    windowMs,
    latencyMs: windowMs * frames,
    latencyLowMs: windowMs * frames * interval[0],
    latencyHighMs: windowMs * frames * interval[1],
    ramBytes: 4 * fftSize + 2 * windowSamples + 8,
    flashBytes: codeBytes[kind] + logMelTableBytes(work),
    ...(device.core.startsWith('cortex-m') ? { cmsisDsp: dspCost(work, device) } : {}),
  }
}

function dspCost(
  { fftSize, weights, mels, frames }: LogMelWork,
  { core, clockMhz, features }: Pick<Device, 'core' | 'clockMhz' | 'features'>,
): DspCost {
  const kind = features.includes('fpu') ? 'fpu' : 'soft'
  const { value, stage, band, product } = dspInstructions[kind]
  const ms = cyclesPerInstruction(core) / (clockMhz * 1000)
  const windowMs = (value * fftSize + stage * fftSize * log2(fftSize) + band * mels) * ms
  return {
    windowMs,
    mfccWindowMs: windowMs + product * mels * usualCepstra * ms,
    latencyMs: windowMs * frames,
    // samples and spectrum in float32, bands; window, twiddle factors of both transforms and bit reversal, filters
    ramBytes: 8 * fftSize + 4 * mels,
    flashBytes: dspCodeBytes[kind] + Math.ceil(13.7 * fftSize) + 4 * weights,
  }
}

/** Constants of the generated C: window, cosines, bands, logarithms and the bounds of 255 int8 values. */
const logMelTableBytes = ({ fftSize, windowSamples, weights, mels }: Omit<LogMelWork, 'frames'>): number =>
  2 * (windowSamples + fftSize / 2 + 1 + 65 + weights + 2 * mels + 1) + 4 * 255
