import { cos, exp, log, powerOfTwo } from '../util/math.ts'

/** Parameters of the front end; they travel with an export, so that firmware can compute the same picture. */
export type LogMelOptions = {
  readonly sampleRate: number
  readonly windowSamples: number
  readonly hopSamples: number
  readonly mels: number
  readonly lowHz: number
  readonly highHz: number
}

export type LogMel = {
  /** Number of frames of a signal of `samples` samples (no padding: only whole windows). */
  readonly frames: (samples: number) => number
  /** Writes `[frames, mels]` values for `signal` (full scale = +-1, taken as 16 bits) into `out` at `offset`. */
  readonly compute: (signal: Float32Array | Float64Array, out: Float32Array, offset: number) => void
  readonly describe: Readonly<Record<string, unknown>>
}

/** Added before the logarithm: the energy of about one bit of 16-bit noise, so that digital silence stays finite. */
const logOffset = 1e-6

/** Steps of a level in an octave of energy: the integers that firmware computes are log2(energy) in these steps. */
export const levelsPerOctave = 1024

/**
 * 30 ms windows every 20 ms, 40 bands between 60 and 7600 Hz (at most 0.475 of the rate): 49 x 40 for a second at 16 kHz.
 * Close to the front ends of "Hello Edge" (Zhang et al. 2017) and TFLM's micro_speech (30/20 ms, 40 bands).
 */
export const defaultLogMel = (sampleRate: number): LogMelOptions => ({
  sampleRate,
  windowSamples: Math.round(sampleRate * 0.03),
  hopSamples: Math.round(sampleRate * 0.02),
  mels: 40,
  lowHz: 60,
  highHz: Math.min(7600, sampleRate * 0.475),
})

/**
 * Log-mel energies: periodic Hann window, zero-padded FFT, power spectrum / windowSamples, triangular HTK-mel filters of peak 1,
 * natural logarithm of (energy + 1e-6). All of it in integers (`logMelLevels`), which firmware computes alike; the last step turns levels into numbers.
 */
export function logMel(options: LogMelOptions): LogMel {
  const tables = logMelTables(options)
  const levels = logMelLevels(tables)
  const { windowSamples, hopSamples, mels } = options
  const window = new Int16Array(windowSamples)
  const level = new Int32Array(mels)
  return {
    frames: (samples) => framesOf(options, samples),
    compute(signal, out, offset) {
      const count = framesOf(options, signal.length)
      for (let f = 0; f < count; f++) {
        for (let i = 0; i < windowSamples; i++) window[i] = sixteenBits(signal[f * hopSamples + i]!)
        levels(window, level)
        for (let m = 0; m < mels; m++) out[offset + f * mels + m] = valueOfLevel(level[m]!, tables)
      }
    },
    describe: {
      kind: 'log-mel',
      ...options,
      ...{ fftSize: tables.fftSize, window: 'hann-periodic', melScale: 'htk', log: 'natural', logOffset, arithmetic: 'integer' },
    },
  }
}

/** Whole windows in so many samples. */
export const framesOf = ({ windowSamples, hopSamples }: LogMelOptions, samples: number): number =>
  samples < windowSamples ? 0 : 1 + Math.floor((samples - windowSamples) / hopSamples)

/** A sample of full scale +-1 as a converter gives it: 16 bits, halves up. */
const sixteenBits = (sample: number): number => Math.max(-32768, Math.min(32767, Math.round(sample * 32768)))

/** The natural logarithm of the energy that a level stands for. */
export const valueOfLevel = (level: number, { logScale }: LogMelTables): number =>
  Math.fround(level * (Math.LN2 / levelsPerOctave) - logScale)

/** The constants of one front end, the same in training and in firmware. All are integers but `logScale`, which firmware does not need. */
export type LogMelTables = LogMelOptions & {
  readonly fftSize: number
  /** Windowed samples are shifted so far to the right that no sum of the FFT leaves 31 bits. */
  readonly windowShift: number
  /** Hann window in Q15, `[windowSamples]`. */
  readonly window: Uint16Array
  /** cos(2 pi k / fftSize) in Q15 for k = 0 ... fftSize / 2. */
  readonly cosines: Int16Array
  /** Triangles in Q12: first bin and weights of each band. */
  readonly filters: readonly { readonly first: number; readonly weights: Uint16Array }[]
  /** What is added to an energy: `logOffset` in its unit. */
  readonly offset: number
  /** log2(1 + i / 64) in Q14 for i = 0 ... 64. */
  readonly logarithms: Uint16Array
  /** Natural logarithm of the unit of an energy. */
  readonly logScale: number
}

export function logMelTables(options: LogMelOptions): LogMelTables {
  const { windowSamples } = options
  let fftSize = 4
  while (fftSize < windowSamples) fftSize *= 2
  const windowShift = log2Of(fftSize) - 1
  // full scale is 2^15, windowed 2^(30 - shift); energies are powers times 2^12
  const unit = windowSamples * powerOfTwo(2 * (30 - windowShift) + 12)
  const q15 = (x: number) => Math.min(32767, Math.round(32768 * x))
  return {
    ...options,
    fftSize,
    windowShift,
    window: Uint16Array.from({ length: windowSamples }, (_, i) =>
      Math.round(32768 * (0.5 - 0.5 * cos((2 * Math.PI * i) / windowSamples))),
    ),
    cosines: Int16Array.from({ length: fftSize / 2 + 1 }, (_, k) => q15(cos((2 * Math.PI * k) / fftSize))),
    filters: melFilters(options, fftSize),
    offset: Math.floor(logOffset * unit),
    logarithms: Uint16Array.from({ length: 65 }, (_, i) => Math.round((16384 * log(1 + i / 64)) / Math.LN2)),
    logScale: log(unit),
  }
}

const log2Of = (powerOfTwo: number): number => 31 - Math.clz32(powerOfTwo)

/**
 * One window of 16-bit samples to one level a band. Integers throughout: 32-bit values, sums of products in 64 bits in C and below 2^53 here, so that
 * doubles are exact. `native` twins do not exist; the C of an export is its equal (`export/c/log-mel.ts`), tested to the bit on emulated cores.
 */
export function logMelLevels(tables: LogMelTables): (samples: Int16Array, levels: Int32Array) => void {
  const { fftSize, windowShift, window, filters, offset, logarithms, windowSamples } = tables
  const half = fftSize / 2
  const spectrum = new Int32Array(fftSize)
  const power = new Float64Array(half + 1)
  const fft = halfFft(tables)
  const round = 1 << (windowShift - 1)
  return (samples, levels) => {
    spectrum.fill(0)
    for (let i = 0; i < windowSamples; i++) spectrum[i] = (samples[i]! * window[i]! + round) >> windowShift
    fft(spectrum)
    // [re of bin 0, re of bin half, re 1, im 1, re 2, im 2, ...]; scaled as one block to 15 bits and sign
    let any = 0
    for (const value of spectrum) any |= value < 0 ? -value : value
    const exponent = Math.max(0, 17 - Math.clz32(any))
    const near = exponent > 0 ? 1 << (exponent - 1) : 0
    const square = (at: number) => {
      const value = (spectrum[at]! + near) >> exponent
      return value * value
    }
    power[0] = square(0)
    power[half] = square(1)
    for (let k = 1; k < half; k++) power[k] = square(2 * k) + square(2 * k + 1)
    const added = Math.floor(offset / powerOfTwo(2 * exponent))
    for (let m = 0; m < filters.length; m++) {
      const { first, weights } = filters[m]!
      let energy = added
      for (let k = 0; k < weights.length; k++) energy += weights[k]! * power[first + k]!
      levels[m] = levelOf(Math.max(1, energy), logarithms) + 2 * levelsPerOctave * exponent
    }
  }
}

/** log2 of an integer from 1 to 2^53 in levels: its highest bit, and a straight line between 65 points for the 16 bits after it. */
function levelOf(energy: number, logarithms: Uint16Array): number {
  const high = Math.floor(energy / 4294967296)
  const bit = high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(energy >>> 0)
  const fraction = Math.floor(energy * powerOfTwo(16 - bit)) & 0xffff
  const at = fraction >> 10
  const from = logarithms[at]!
  const between = ((logarithms[at + 1]! - from) * (fraction & 1023) + 512) >> 10
  return bit * levelsPerOctave + ((from + between + 8) >> 4)
}

/** Divided by 2^15 or 2^16 and rounded to the nearest, halves up. Exact below 2^53, as `(x + half) >> shift` is in 64 bits. */
const by15 = (x: number): number => Math.floor((x + 16384) / 32768)
const by16 = (x: number): number => Math.floor((x + 32768) / 65536)

/**
 * The FFT of real values in place, by one of half the size: bins 0 and half, both real, come first. Radix 2, decimation in time; every product is
 * rounded to the nearest.
 */
function halfFft({ fftSize, cosines }: LogMelTables): (z: Int32Array) => void {
  const points = fftSize / 2
  const quarter = fftSize / 4
  const bits = log2Of(points)
  const sine = (k: number) => cosines[Math.abs(k - quarter)]!
  const swaps: (readonly [i: number, j: number])[] = []
  for (let i = 0; i < points; i++) {
    let j = 0
    for (let b = 0; b < bits; b++) j |= ((i >> b) & 1) << (bits - 1 - b)
    if (j > i) swaps.push([2 * i, 2 * j])
  }
  return (z) => {
    for (const [i, j] of swaps) {
      const [re, im] = [z[i]!, z[i + 1]!]
      z[i] = z[j]!
      z[i + 1] = z[j + 1]!
      z[j] = re
      z[j + 1] = im
    }
    for (let span = 1; span < points; span *= 2)
      for (let k = 0; k < span; k++) {
        const angle = (k * points) / span
        const c = cosines[angle]!
        const s = sine(angle)
        for (let a = 2 * k; a < fftSize; a += 4 * span) {
          const b = a + 2 * span
          const re = by15(z[b]! * c + z[b + 1]! * s)
          const im = by15(z[b + 1]! * c - z[b]! * s)
          z[b] = z[a]! - re
          z[b + 1] = z[a + 1]! - im
          z[a] = z[a]! + re
          z[a + 1] = z[a + 1]! + im
        }
      }
    const [first, second] = [z[0]!, z[1]!]
    z[0] = first + second
    z[1] = first - second
    for (let k = 1; k <= quarter; k++) {
      const [a, b] = [2 * k, 2 * (points - k)]
      const [sumRe, differenceIm] = [z[a]! + z[b]!, z[a + 1]! - z[b + 1]!]
      const [oddRe, oddIm] = [z[a + 1]! + z[b + 1]!, z[b]! - z[a]!]
      const turnedRe = oddRe * cosines[k]! + oddIm * sine(k)
      const turnedIm = oddIm * cosines[k]! - oddRe * sine(k)
      z[b] = by16(sumRe * 32768 - turnedRe)
      z[b + 1] = by16(turnedIm - differenceIm * 32768)
      z[a] = by16(sumRe * 32768 + turnedRe)
      z[a + 1] = by16(differenceIm * 32768 + turnedIm)
    }
  }
}

/** HTK's mel scale, 2595 log10(1 + f / 700) = 1127 ln(1 + f / 700). */
export const hzToMel = (hz: number): number => 1127.0104829 * log(1 + hz / 700)
export const melToHz = (mel: number): number => 700 * (exp(mel / 1127.0104829) - 1)

/** Triangles whose corners are equally spaced in mel, in Q12; a band narrower than a bin still takes its nearest bin. */
function melFilters({ sampleRate, mels, lowHz, highHz }: LogMelOptions, fftSize: number): LogMelTables['filters'] {
  const low = hzToMel(lowHz)
  const step = (hzToMel(highHz) - low) / (mels + 1)
  return Array.from({ length: mels }, (_, m) => {
    const corner = (j: number) => (melToHz(low + (m + j) * step) * fftSize) / sampleRate
    const [left, centre, right] = [corner(0), corner(1), corner(2)]
    const first = Math.ceil(left)
    const weights: number[] = []
    for (let k = first; k <= Math.min(Math.floor(right), fftSize / 2); k++)
      weights.push(Math.round(4096 * Math.max(0, k <= centre ? (k - left) / (centre - left) : (right - k) / (right - centre))))
    return weights.some((w) => w > 0)
      ? { first, weights: Uint16Array.from(weights) }
      : { first: Math.round(centre), weights: Uint16Array.of(4096) }
  })
}
