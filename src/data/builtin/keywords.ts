import { oneEach } from '../../task/labels.ts'
import { exp } from '../../util/math.ts'
import { rng, seed32 } from '../../util/rng.ts'
import { type Decoded, sharedFloats } from '../decoded.ts'
import { logMel } from '../log-mel.ts'
import { fillNoise } from '../noise.ts'
import { words } from './phonemes.ts'
import { type Builtin, balanced, between } from './plan.ts'
import { speak, type Voice } from './speech.ts'

const rate = 16000
const speakers = 24
const classes = Object.keys(words)
const frontEnd = logMel({ sampleRate: rate, windowSamples: 512, hopSamples: 320, mels: 32, lowHz: 80, highHz: 7000 })
const frames = frontEnd.frames(rate)

/** Eight commands in a second of sound each, spoken by synthetic people in noisy rooms; log-mel pictures `[49, 32, 1]`. */
export const keywords: Builtin = {
  describe: 'synthetic speech: 8 commands by 24 speakers, 1 s at 16 kHz as log-mel 49 x 32',
  defaultCount: 2400,
  generate(count, seed) {
    const { labels, groups } = balanced(count, classes.length, speakers)
    const voices = Array.from({ length: speakers }, (_, s) => makeVoice(seed, s))
    const size = frames * 32
    const samples = sharedFloats(count * size)
    const signal = new Float64Array(rate)
    const noise = new Float64Array(rate)
    for (let i = 0; i < count; i++) {
      utter(words[classes[labels[i]!]!]!, voices[groups[i]!]!, seed, i, signal, noise)
      frontEnd.compute(signal, samples, i * size)
    }
    return {
      name: 'keywords',
      kind: 'audio',
      task: 'classification',
      shape: [frames, 32, 1],
      classes,
      samples,
      labels: oneEach(labels),
      groups,
      frontEnd: { ...frontEnd.describe, clipSamples: rate },
      unreadable: [],
      notes: [],
    } satisfies Decoded
  },
}

function makeVoice(seed: string, speaker: number): Voice {
  const r = rng(seed, 'keywords', 'speaker', speaker)
  const height = r.next() // 0 = large and low, 1 = small and high
  const tract = 0.88 + 0.3 * height
  return {
    pitchHz: 85 + 170 * height + between(r, -15, 25),
    tract: [tract * between(r, 0.92, 1.08), tract * between(r, 0.93, 1.07), tract * between(r, 0.95, 1.05)],
    tempo: between(r, 0.75, 1.25),
    breath: between(r, 0.02, 0.2),
    openQuotient: between(r, 0.45, 0.75),
  }
}

/** One utterance at a random place in the second, with a little variation of everything, under coloured noise of -2 to 20 dB SNR. */
function utter(
  word: (typeof words)[string],
  voice: Voice,
  seed: string,
  example: number,
  signal: Float64Array,
  noise: Float64Array,
): void {
  const r = rng(seed, 'keywords', example)
  fillNoise(seed32(seed, 'keywords', 'breath', example), noise)
  const tempo = voice.tempo * between(r, 0.85, 1.15)
  const sounds = word.map((p) => ({
    ...p,
    ms: p.ms * between(r, 0.75, 1.3),
    formants: p.formants.map((f) => f * between(r, 0.94, 1.06)) as unknown as typeof p.formants,
  }))
  const length = sounds.reduce((sum, p) => sum + p.ms, 0) * tempo * (rate / 1000)
  signal.fill(0)
  speak(
    sounds,
    { ...voice, tempo, pitchHz: voice.pitchHz * between(r, 0.88, 1.15) },
    rate,
    signal,
    placeIn(r.next(), length),
    noise,
  )
  let energy = 0
  for (let n = 0; n < rate; n++) energy += signal[n]! * signal[n]!
  const rms = Math.sqrt(energy / Math.min(rate, length)) + 1e-9
  const level = 0.1 * exp(between(r, -1.2, 0.7))
  const gain = level / rms
  const hiss = level * exp(-between(r, -2, 20) * 0.1151292546) // 20 dB = a factor of 10
  const colour = between(r, 0.3, 0.97)
  const norm = Math.sqrt(1 - colour * colour) * hiss // the low pass then has this deviation
  fillNoise(seed32(seed, 'keywords', 'noise', example), noise)
  let low = 0
  for (let n = 0; n < rate; n++) {
    low = colour * low + noise[n]! * norm
    signal[n] = signal[n]! * gain + low
  }
}

/** First sample of an utterance: anywhere that keeps at least 95 % of it inside the second. */
const placeIn = (share: number, length: number): number => Math.floor(share * Math.max(0, rate - 0.95 * length))
