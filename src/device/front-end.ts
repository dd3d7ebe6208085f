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
}

/**
 * Instructions of a window for each butterfly of the FFT, each value of it, each weight of a band and each band: what QEMU 7.2 counts in the C of an export
 * (arm-none-eabi-gcc 12.2, -O2), fitted to seven front ends of 128 to 2048 values; within 1.1 % of each. ARMv6-M multiplies 64 bits in a library.
 */
const instructions = {
  short: { butterfly: 244.6, value: 124.4, weight: 65.4, band: 234.8 },
  long: { butterfly: 30.2, value: 58, weight: 22.3, band: 168.5 },
} as const
const codeBytes = { short: 1616, long: 1416 } as const

const isShort = (core: CoreName): boolean => core === 'cortex-m0' || core === 'cortex-m0plus' || core === 'cortex-m23'

/** Cycles of an instruction: cores of two issues do two at a time in part, the others wait for loads and branches. Taken, not measured on boards. */
const cyclesPerInstruction = (core: CoreName): number => (/^cortex-m(7|85)$/.test(core) ? 0.8 : core === 'cortex-m55' ? 1 : 1.3)
const interval = [0.65, 1.6] as const

/** Prices the front end on a board. Pure arithmetic of sizes. */
export function logMelCost(work: LogMelWork, device: Pick<Device, 'core' | 'clockMhz'>): FrontEndCost {
  const { fftSize, windowSamples, weights, mels, frames } = work
  const kind = isShort(device.core) ? 'short' : 'long'
  const each = instructions[kind]
  const count =
    each.butterfly * (fftSize / 4) * log2(fftSize / 2) + each.value * fftSize + each.weight * weights + each.band * mels
  const windowMs = (count * cyclesPerInstruction(device.core)) / (device.clockMhz * 1000)
  return {
    windowMs,
    latencyMs: windowMs * frames,
    latencyLowMs: windowMs * frames * interval[0],
    latencyHighMs: windowMs * frames * interval[1],
    ramBytes: 4 * fftSize + 2 * windowSamples + 8,
    flashBytes: codeBytes[kind] + logMelTableBytes(work),
  }
}

/** Constants of the generated C: window, cosines, bands, logarithms and the bounds of 255 int8 values. */
const logMelTableBytes = ({ fftSize, windowSamples, weights, mels }: Omit<LogMelWork, 'frames'>): number =>
  2 * (windowSamples + fftSize / 2 + 1 + 65 + weights + 2 * mels + 1) + 4 * 255
