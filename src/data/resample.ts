import { cos, sin } from '../util/math.ts'

/** Zero crossings of the sinc on either side: steep enough that what would fold back is 60 dB down. */
const crossings = 24
const pi = Math.PI

/**
 * Brings sound to another sample rate: a sinc cut off at 0.95 of the lower Nyquist frequency under a Hann window, evaluated at every output sample
 * (Smith, "Digital Audio Resampling", 2002). The same values on every machine.
 */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return samples
  const step = from / gcd(from, to)
  const phases = to / gcd(from, to)
  const cutoff = 0.95 * Math.min(1, to / from)
  const half = Math.ceil(crossings / cutoff)
  const taps = Array.from({ length: phases }, (_, p) => tapsAt(p / phases, half, cutoff))
  const out = new Float32Array(Math.floor((samples.length * to) / from))
  for (let n = 0; n < out.length; n++) {
    const at = n * step
    const first = Math.floor(at / phases) - half + 1
    const weights = taps[at % phases]!
    let sum = 0
    for (let k = Math.max(0, -first); k < weights.length && first + k < samples.length; k++)
      sum += weights[k]! * samples[first + k]!
    out[n] = sum
  }
  return out
}

/** Weights of the 2 * half samples around a place that lies `phase` of a sample behind one of them; they sum to 1. */
function tapsAt(phase: number, half: number, cutoff: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * half }, (_, k) => {
    const x = phase + half - 1 - k
    const angle = pi * cutoff * x
    const window = 0.5 + 0.5 * cos((pi * x) / (half + 1))
    return (x === 0 ? 1 : sin(angle) / angle) * window
  })
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((w) => w / sum)
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
