import { exp, log } from '../util/math.ts'
import type { Draws } from './augment.ts'
import type { Dataset } from './dataset.ts'

/** log(1 + e^-d) for d in [0, 16) in steps of 1/32: mixing two sounds costs a look-up, not two transcendentals. */
const steps = 32
const table = Float32Array.from({ length: 16 * steps + 1 }, (_, i) => log(1 + exp(-i / steps)))
const logAdd = (a: number, b: number): number => {
  const d = a > b ? a - b : b - a
  return Math.max(a, b) + (d < 16 ? table[(d * steps + 0.5) | 0]! : 0)
}

/**
 * Mixes a stretch of background noise into a normalised log-mel example, in half of the cases, 0 to 20 dB below the example's loudest band.
 * Energies of independent sounds add, so the sum is taken on energies: log(e^a + e^b).
 */
export function mixBackground(
  values: Float32Array,
  at: number,
  frames: number,
  mels: number,
  background: Float32Array,
  { offset: [offset = 0], scale: [scale = 1] }: Dataset['normalisation'],
  random: Draws,
): void {
  const length = background.length / mels
  if (random.next() < 0.5 || length < frames) return
  const first = Math.floor(random.next() * (length - frames + 1)) * mels
  let loudest = -Infinity
  let loudestNoise = -Infinity
  for (let i = 0; i < frames * mels; i++) {
    if (values[at + i]! > loudest) loudest = values[at + i]!
    if (background[first + i]! > loudestNoise) loudestNoise = background[first + i]!
  }
  const unit = 1 / scale
  const gain = loudest * unit + offset - loudestNoise - random.next() * 4.605170186 // natural log of 20 dB in power
  for (let i = 0; i < frames * mels; i++)
    values[at + i] = (logAdd(values[at + i]! * unit + offset, background[first + i]! + gain) - offset) * scale
}
