/**
 * Speech sounds as a formant synthesiser sees them (vowels: Peterson & Barney 1952, men; consonants after Klatt 1980).
 * `formants` in Hz; `voice` and `noise` are amplitudes; `band` is centre and bandwidth of the noise in Hz; `ms` is the usual length.
 */
export type Phoneme = {
  readonly formants: readonly [f1: number, f2: number, f3: number]
  readonly voice: number
  readonly noise: number
  readonly band: readonly [centre: number, width: number]
  readonly ms: number
}

const none = [1000, 1000] as const
const vowel = (f1: number, f2: number, f3: number, ms: number): Phoneme => ({
  formants: [f1, f2, f3],
  voice: 1,
  noise: 0,
  band: none,
  ms,
})
const sonorant = (f1: number, f2: number, f3: number, ms: number): Phoneme => ({ ...vowel(f1, f2, f3, ms), voice: 0.45 })
const hiss = (noise: number, centre: number, width: number, ms: number): Phoneme => ({
  formants: [400, 1600, 2600],
  voice: 0,
  noise,
  band: [centre, width],
  ms,
})
const closure = (voice: number, ms: number): Phoneme => ({ formants: [250, 1200, 2500], voice, noise: 0, band: none, ms })

const EH = vowel(530, 1840, 2480, 130)
const AA = vowel(730, 1090, 2440, 140)
const AH = vowel(640, 1190, 2390, 130)
const OW = [vowel(570, 900, 2410, 110), vowel(330, 870, 2240, 110)]
const AW = [vowel(730, 1200, 2440, 110), vowel(440, 1020, 2240, 90)]
const AY = [vowel(710, 1100, 2450, 110), vowel(390, 1990, 2550, 100)]
const S = hiss(0.5, 5600, 1800, 130)
const T = [closure(0, 55), hiss(0.7, 4200, 2600, 25), hiss(0.12, 1700, 1500, 25)]
const P = [closure(0, 65), hiss(0.5, 900, 900, 15), hiss(0.1, 1400, 1500, 25)]

/** Eight commands, as sequences of sounds. */
export const words: Readonly<Record<string, readonly Phoneme[]>> = {
  yes: [sonorant(280, 2200, 2950, 80), EH, S],
  no: [sonorant(270, 1450, 2400, 90), ...OW],
  up: [AH, ...P],
  down: [closure(0.15, 45), hiss(0.35, 3600, 2200, 12), ...AW, sonorant(280, 1500, 2500, 100)],
  left: [sonorant(360, 1250, 2700, 80), EH, hiss(0.14, 5000, 5000, 90), ...T],
  right: [sonorant(320, 1080, 1450, 90), ...AY, ...T],
  stop: [S, ...T, AA, ...P],
  go: [closure(0.15, 50), hiss(0.4, 1900, 900, 18), ...OW],
}
