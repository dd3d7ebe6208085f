import { counted, seed32 } from '../util/rng.ts'

/**
 * Factors of a step's dropout: `rows` rows of `channels`, `stride` apart. Each is 0 with probability `rate`, else 1 / (1 - rate), so that the expectation
 * stays; which, follows from seed, step and place alone, padding drawing nothing: both engines leave out the same values.
 */
export function dropoutFactors(
  { seed, dropout: rate = 0 }: { readonly seed: string; readonly dropout?: number },
  step: number,
  rows: number,
  channels: number,
  stride = channels,
): Float32Array {
  const factors = new Float32Array(rows * stride)
  const stream = seed32(seed, 'dropout', step)
  const kept = 1 / (1 - rate)
  for (let row = 0; row < rows; row++)
    for (let c = 0; c < channels; c++)
      factors[row * stride + c] = (counted(stream, row * channels + c) >>> 0) / 4294967296 < rate ? 0 : kept
  return factors
}
