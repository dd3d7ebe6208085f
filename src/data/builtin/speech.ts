import { cos, exp } from '../../util/math.ts'
import type { Phoneme } from './phonemes.ts'

/** How one person speaks. Factors multiply the standard value. */
export type Voice = {
  readonly pitchHz: number
  readonly tract: readonly [f1: number, f2: number, f3: number]
  readonly tempo: number
  /** share of noise in the voiced source */
  readonly breath: number
  /** how long the glottis stays open, share of a period: sharp or dull voice */
  readonly openQuotient: number
}

/** Samples between two updates of the filters: 4 ms at 16 kHz. */
const block = 64

/**
 * Formant synthesis (Klatt 1980, cut down): glottal pulses and breath through a cascade of three resonators, plus band noise for hiss and bursts.
 * Targets glide between neighbouring sounds. Adds to `out` from sample `start`; what does not fit is cut off. `noise` is white, as long as `out`.
 */
export function speak(
  sounds: readonly Phoneme[],
  voice: Voice,
  rate: number,
  out: Float64Array,
  start: number,
  noise: Float64Array,
): void {
  const ends: number[] = []
  let total = 0
  for (const s of sounds) ends.push((total += (s.ms / 1000) * rate * voice.tempo))
  const filters = new Float64Array(4 * 5) // F1, F2, F3, hiss
  let phase = 0
  let sound = 0
  let previous = 0
  for (let n = 0; n < total && start + n < out.length; n += block) {
    while (sound < sounds.length - 1 && n >= ends[sound]!) sound++
    const now = sounds[sound]!
    const next = sounds[Math.min(sound + 1, sounds.length - 1)]!
    const begin = sound ? ends[sound - 1]! : 0
    const t = (n - begin) / (ends[sound]! - begin)
    const glide = t < 0.5 ? 0 : 2 * t - 1 // steady first half, then on to the next sound
    const pitch = (voice.pitchHz * (1.12 - (0.25 * n) / total)) / rate
    for (let f = 0; f < 3; f++) {
      const formant = mix(now.formants[f]!, next.formants[f]!, glide) * voice.tract[f]!
      tune(filters, f, formant / rate, (60 + 50 * f) / rate)
    }
    tune(filters, 3, Math.min(0.47, (now.band[0] * voice.tract[2]) / rate), now.band[1] / rate)
    const edge = Math.min(1, (n + block) / (0.02 * rate), (total - n) / (0.04 * rate)) // soft begin and end
    const voiced = (now.noise > 0 ? now.voice : mix(now.voice, next.voice, glide)) * edge
    const hiss = now.noise * edge
    const stop = Math.min(n + block, total, out.length - start)
    for (let i = n; i < stop; i++) {
      phase += pitch
      if (phase >= 1) phase -= 1
      const x = phase / voice.openQuotient
      const flow = x < 1 ? x * x * (1 - x) * 6.75 : 0
      const draw = noise[start + i]! * 0.58
      let y = voiced * (flow - previous) * 8 + voiced * voice.breath * draw
      previous = flow
      for (let f = 0; f < 3; f++) y = resonate(filters, f, y)
      out[start + i]! += y + hiss * resonate(filters, 3, draw)
    }
  }
}

const mix = (a: number, b: number, share: number): number => a + (b - a) * share

/** Two-pole resonators of gain 1 at 0 Hz: coefficients a, b, c and the last two outputs, five numbers each. Frequencies in shares of the rate. */
function tune(filters: Float64Array, index: number, frequency: number, bandwidth: number): void {
  const r = exp(-Math.PI * bandwidth)
  const c = -r * r
  const b = 2 * r * cos(2 * Math.PI * frequency)
  filters[index * 5] = 1 - b - c
  filters[index * 5 + 1] = b
  filters[index * 5 + 2] = c
}

function resonate(filters: Float64Array, index: number, x: number): number {
  const at = index * 5
  const y = filters[at]! * x + filters[at + 1]! * filters[at + 3]! + filters[at + 2]! * filters[at + 4]!
  filters[at + 4] = filters[at + 3]!
  filters[at + 3] = y
  return y
}
