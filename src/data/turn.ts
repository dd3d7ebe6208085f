import type { Draws } from './augment.ts'
import type { Dataset } from './dataset.ts'

/**
 * Turns the three-axis sensors of a normalised example `[time, 1, channels]`, all by the same random rotation of at most `angle` radians: how the
 * same motion looks to a board that is worn askew. Normalisation differs from axis to axis, so values are turned in the sensor's own units.
 */
export function turn(
  values: Float32Array,
  at: number,
  size: number,
  triads: readonly number[],
  { offset, scale }: Dataset['normalisation'],
  angle: number,
  random: Draws,
): void {
  // half the angle's tangent is below half the angle: the turn never exceeds `angle`
  const half = angle / (2 * Math.sqrt(3))
  const x = (2 * random.next() - 1) * half
  const y = (2 * random.next() - 1) * half
  const z = (2 * random.next() - 1) * half
  const n = 2 / (1 + x * x + y * y + z * z)
  const channels = scale.length
  for (const c of triads) {
    const [o0, o1, o2] = [offset[c]!, offset[c + 1]!, offset[c + 2]!]
    const [s0, s1, s2] = [scale[c]!, scale[c + 1]!, scale[c + 2]!]
    const [u0, u1, u2] = [1 / s0, 1 / s1, 1 / s2]
    for (let i = at + c; i < at + size; i += channels) {
      const u = values[i]! * u0 + o0
      const v = values[i + 1]! * u1 + o1
      const w = values[i + 2]! * u2 + o2
      // v' = v + n (q x v + q x (q x v)) for the quaternion (1, q), as Rodrigues' formula without sines
      const a = y * w - z * v
      const b = z * u - x * w
      const d = x * v - y * u
      values[i] = (u + n * (a + y * d - z * b) - o0) * s0
      values[i + 1] = (v + n * (b + z * a - x * d) - o1) * s1
      values[i + 2] = (w + n * (d + x * b - y * a) - o2) * s2
    }
  }
}
