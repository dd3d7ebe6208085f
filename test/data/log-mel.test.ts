import { expect, test } from 'vitest'
import { hzToMel, logMel, melToHz } from '../../src/data/log-mel.ts'

const options = { sampleRate: 8000, windowSamples: 200, hopSamples: 80, mels: 12, lowHz: 50, highHz: 3800 }
const fftSize = 256

/** The definition, written out: no FFT, no shared code, the engine's own transcendentals. */
function slow(signal: Float64Array, frame: number, band: number): number {
  const mel = (f: number) => 2595 * Math.log10(1 + f / 700)
  const hz = (m: number) => 700 * (10 ** (m / 2595) - 1)
  const edge = (k: number) => hz(mel(options.lowHz) + ((mel(options.highHz) - mel(options.lowHz)) * k) / (options.mels + 1))
  const [left, centre, right] = [edge(band), edge(band + 1), edge(band + 2)]
  let energy = 1e-6
  for (let k = 0; k <= fftSize / 2; k++) {
    const f = (k * options.sampleRate) / fftSize
    const weight = Math.max(0, Math.min((f - left) / (centre - left), (right - f) / (right - centre)))
    let [re, im] = [0, 0]
    for (let n = 0; n < options.windowSamples; n++) {
      const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / options.windowSamples)
      const x = signal[frame * options.hopSamples + n]! * hann
      re += x * Math.cos((2 * Math.PI * k * n) / fftSize)
      im -= x * Math.sin((2 * Math.PI * k * n) / fftSize)
    }
    energy += (weight * (re * re + im * im)) / options.windowSamples
  }
  return Math.log(energy)
}

test('equals the discrete Fourier transform by definition', () => {
  const front = logMel(options)
  const signal = Float64Array.from(
    { length: 600 },
    (_, n) => 0.4 * Math.sin(n * 0.3) + 0.2 * Math.sin(n * n * 0.001) + ((n * 7919) % 13) / 100,
  )
  const frames = front.frames(signal.length)
  expect(frames).toBe(6) // 1 + floor((600 - 200) / 80)
  const out = new Float32Array(frames * options.mels)
  front.compute(signal, out, 0)
  for (let f = 0; f < frames; f++)
    // a step is 0.0007 wide, and bands of few bins have weights in steps of 1/4096
    for (let m = 0; m < options.mels; m++) expect(Math.abs(out[f * options.mels + m]! - slow(signal, f, m))).toBeLessThan(0.002)
})

test('a pure tone is loudest in its own band, silence is finite, and there are only whole windows', () => {
  const front = logMel(options)
  for (const band of [2, 5, 9]) {
    const centre = melToHz(hzToMel(50) + ((hzToMel(3800) - hzToMel(50)) * (band + 1)) / 13)
    const tone = Float64Array.from({ length: 200 }, (_, n) => Math.sin((2 * Math.PI * centre * n) / 8000))
    const out = new Float32Array(12)
    front.compute(tone, out, 0)
    expect(out.indexOf(Math.max(...out))).toBe(band)
  }
  const silence = new Float32Array(12)
  front.compute(new Float64Array(200), silence, 0)
  expect(silence.every((v) => Math.abs(v - Math.log(1e-6)) < 0.0008)).toBe(true)
  expect([199, 200, 279, 280].map(front.frames)).toEqual([0, 1, 1, 2])
})
