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
 * Targets glide between neighbouring sounds. Adds to `out` from sample `start`; what does not fit is cut off.
 */
export function speak(
  sounds: readonly Phoneme[],
  voice: Voice,
  rate: number,
  out: Float64Array,
  start: number,
  draw: () => number,
): void {
  const ends: number[] = []
  let total = 0
  for (const s of sounds) ends.push((total += (s.ms / 1000) * rate * voice.tempo))
  const filters = [resonator(), resonator(), resonator()]
  const hissFilter = resonator()
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
    const mix = (a: number, b: number) => a + (b - a) * glide
    const pitch = (voice.pitchHz * (1.12 - (0.25 * n) / total)) / rate
    for (let f = 0; f < 3; f++)
      filters[f]!.tune((mix(now.formants[f]!, next.formants[f]!) * voice.tract[f]!) / rate, (60 + 50 * f) / rate)
    hissFilter.tune(Math.min(0.47, (now.band[0] * voice.tract[2]) / rate), now.band[1] / rate)
    const edge = Math.min(1, (n + block) / (0.02 * rate), (total - n) / (0.04 * rate)) // soft begin and end
    const voiced = (now.noise > 0 ? now.voice : mix(now.voice, next.voice)) * edge
    const hiss = now.noise * edge
    for (let i = n; i < Math.min(n + block, total, out.length - start); i++) {
      phase += pitch
      if (phase >= 1) phase -= 1
      const x = phase / voice.openQuotient
      const flow = x < 1 ? x * x * (1 - x) * 6.75 : 0
      let y = voiced * (flow - previous) * 8 + voiced * voice.breath * draw()
      previous = flow
      for (const filter of filters) y = filter.run(y)
      out[start + i]! += y + hiss * hissFilter.run(draw())
    }
  }
}

/** Two-pole resonator of gain 1 at 0 Hz; frequency and bandwidth as shares of the sample rate. */
function resonator() {
  let a = 1
  let b = 0
  let c = 0
  let y1 = 0
  let y2 = 0
  return {
    tune(frequency: number, bandwidth: number) {
      const r = exp(-Math.PI * bandwidth)
      c = -r * r
      b = 2 * r * cos(2 * Math.PI * frequency)
      a = 1 - b - c
    },
    run(x: number): number {
      const y = a * x + b * y1 + c * y2
      y2 = y1
      y1 = y
      return y
    },
  }
}
