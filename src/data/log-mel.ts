import FFT from 'fft.js'
import { cos, exp, log, sin } from '../util/math.ts'

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
  /** Writes `[frames, mels]` values for `signal` (full scale = +-1) into `out` at `offset`. */
  readonly compute: (signal: Float32Array | Float64Array, out: Float32Array, offset: number) => void
  readonly describe: Readonly<Record<string, unknown>>
}

/** Added before the logarithm: the energy of about one bit of 16-bit noise, so that digital silence stays finite. */
const logOffset = 1e-6

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
 * natural logarithm of (energy + 1e-6). All in float64 with portable transcendentals, so the bits agree on every machine.
 */
export function logMel(options: LogMelOptions): LogMel {
  const { windowSamples, hopSamples, mels } = options
  let fftSize = 2
  while (fftSize < windowSamples) fftSize *= 2
  const fft = portableFft(fftSize)
  const window = Float64Array.from({ length: windowSamples }, (_, i) => 0.5 - 0.5 * cos((2 * Math.PI * i) / windowSamples))
  const filters = melFilters(options, fftSize)
  const input = new Float64Array(fftSize)
  const spectrum = new Float64Array(2 * fftSize)
  const power = new Float64Array(fftSize / 2 + 1)
  const frames = (samples: number) => (samples < windowSamples ? 0 : 1 + Math.floor((samples - windowSamples) / hopSamples))
  return {
    frames,
    compute(signal, out, offset) {
      const count = frames(signal.length)
      for (let f = 0; f < count; f++) {
        const start = f * hopSamples
        for (let i = 0; i < windowSamples; i++) input[i] = signal[start + i]! * window[i]!
        fft.realTransform(spectrum, input)
        for (let k = 0; k < power.length; k++) {
          const re = spectrum[2 * k]!
          const im = spectrum[2 * k + 1]!
          power[k] = (re * re + im * im) / windowSamples
        }
        for (let m = 0; m < mels; m++) {
          const { first, weights } = filters[m]!
          let energy = logOffset
          for (let k = 0; k < weights.length; k++) energy += weights[k]! * power[first + k]!
          out[offset + f * mels + m] = log(energy)
        }
      }
    },
    describe: { kind: 'log-mel', ...options, fftSize, window: 'hann-periodic', melScale: 'htk', log: 'natural', logOffset },
  }
}

/** fft.js fills its twiddle table with Math.cos and Math.sin, whose last bit differs between engines; we put ours in their place. */
function portableFft(size: number): FFT {
  const fft = new FFT(size)
  for (let i = 0; i < size * 2; i += 2) {
    fft.table[i] = cos((Math.PI * i) / size)
    fft.table[i + 1] = -sin((Math.PI * i) / size)
  }
  return fft
}

/** HTK's mel scale, 2595 log10(1 + f / 700) = 1127 ln(1 + f / 700). */
export const hzToMel = (hz: number): number => 1127.0104829 * log(1 + hz / 700)
export const melToHz = (mel: number): number => 700 * (exp(mel / 1127.0104829) - 1)

/** Triangles whose corners are equally spaced in mel; a band narrower than a bin still takes its nearest bin. */
function melFilters({ sampleRate, mels, lowHz, highHz }: LogMelOptions, fftSize: number) {
  const low = hzToMel(lowHz)
  const step = (hzToMel(highHz) - low) / (mels + 1)
  return Array.from({ length: mels }, (_, m) => {
    const [left, centre, right] = [0, 1, 2].map((j) => (melToHz(low + (m + j) * step) * fftSize) / sampleRate) as [
      number,
      number,
      number,
    ]
    const first = Math.ceil(left)
    const weights: number[] = []
    for (let k = first; k <= Math.min(Math.floor(right), fftSize / 2); k++)
      weights.push(Math.max(0, k <= centre ? (k - left) / (centre - left) : (right - k) / (right - centre)))
    return weights.some((w) => w > 0) ? { first, weights } : { first: Math.round(centre), weights: [1] }
  })
}
