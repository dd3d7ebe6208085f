import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resample } from '../../src/data/resample.ts'

const sine = (hz: number, rate: number, count: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate))
/** Largest difference away from the ends, where the window meets silence. */
const apart = (a: Float32Array, b: Float32Array, margin: number) => {
  let most = 0
  for (let i = margin; i < Math.min(a.length, b.length) - margin; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!))
  return most
}

test.each([
  [16000, 8000],
  [8000, 16000],
  [44100, 16000],
  [48000, 44100],
])('%i Hz to %i Hz: a tone that both rates can hold stays itself', (from, to) =>
  fc.assert(
    fc.property(fc.integer({ min: 50, max: 0.4 * Math.min(from, to) }), (hz) => {
      const made = resample(sine(hz, from, from / 4), from, to)
      expect(made.length).toBe(Math.floor(to / 4))
      expect(apart(made, sine(hz, to, made.length), 200)).toBeLessThan(0.002)
    }),
    { numRuns: 10 },
  ),
)

test('a tone that the lower rate cannot hold is taken out, not folded back', () => {
  for (const hz of [4500, 5500, 7000]) {
    const made = resample(sine(hz, 16000, 8000), 16000, 8000)
    expect(apart(made, new Float32Array(made.length), 100)).toBeLessThan(0.003)
  }
})

test('an equal rate changes nothing', () => {
  const samples = sine(440, 16000, 100)
  expect(resample(samples, 16000, 16000)).toBe(samples)
})
