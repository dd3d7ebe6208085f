import { usageError } from '../util/errors.ts'

/**
 * First channels of three-axis sensors: three channels side by side whose names differ in their last letter alone, x, y, z
 * (`acc_x acc_y acc_z`, `gyroX gyroY gyroZ`).
 */
export function findTriads(channels: readonly string[]): number[] {
  const stem = (name: string | undefined, axis: string) =>
    name?.toLowerCase().endsWith(axis) ? name.toLowerCase().slice(0, -1) : undefined
  const isTriad = (c: number) => {
    const x = stem(channels[c], 'x')
    return x !== undefined && x === stem(channels[c + 1], 'y') && x === stem(channels[c + 2], 'z')
  }
  return channels.flatMap((_, c) => (isTriad(c) ? [c] : []))
}

/** The triads that the manifest names, or those that the channels' names tell. @throws TinyfrontError where one reaches past the last channel. */
export function triadsIn(channels: readonly string[], named: readonly number[] | undefined): readonly number[] {
  const wrong = named?.find((c) => c + 3 > channels.length)
  if (wrong !== undefined)
    throw usageError(
      `window.triads: ${wrong} is the first of three channels, but there are ${channels.length}`,
      `count from 0; the channels are ${channels.join(', ')}`,
    )
  return named ?? findTriads(channels)
}

/**
 * Rows of `width` channels, followed by the length of each triad's vector: what does not change however the board is turned
 * (on phones worn by people who were not in training: 89 instead of 86 % balanced accuracy, four networks of the conv1d space).
 */
export function withMagnitudes(rows: Float32Array, width: number, triads: readonly number[]): Float32Array {
  const wide = width + triads.length
  const out = new Float32Array((rows.length / width) * wide)
  for (let from = 0, to = 0; from < rows.length; from += width, to += wide) {
    out.set(rows.subarray(from, from + width), to)
    triads.forEach((c, k) => {
      const [x, y, z] = [rows[from + c]!, rows[from + c + 1]!, rows[from + c + 2]!]
      out[to + width + k] = Math.sqrt(x * x + y * y + z * z)
    })
  }
  return out
}
