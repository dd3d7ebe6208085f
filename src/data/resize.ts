/** Contributions of input pixels to one output pixel along one side. */
type Taps = { readonly first: number; readonly weights: Float64Array }

/**
 * Area averaging where a side shrinks (every input pixel counts by the part of it that an output pixel covers), linear interpolation between
 * pixel centres where it grows. H W C order; the same rule for bytes and floats.
 */
export function resizer(
  from: readonly [h: number, w: number],
  to: readonly [h: number, w: number],
  channels: number,
): (source: ArrayLike<number>, at: number, out: Float32Array | Float64Array) => void {
  const rows = tapsOf(from[0], to[0])
  const columns = tapsOf(from[1], to[1])
  const middle = new Float64Array(from[0] * to[1] * channels)
  return (source, at, out) => {
    for (let y = 0; y < from[0]; y++)
      for (let x = 0; x < to[1]; x++) {
        const { first, weights } = columns[x]!
        for (let c = 0; c < channels; c++) {
          let sum = 0
          for (let k = 0; k < weights.length; k++) sum += weights[k]! * source[at + (y * from[1] + first + k) * channels + c]!
          middle[(y * to[1] + x) * channels + c] = sum
        }
      }
    const width = to[1] * channels
    for (let y = 0; y < to[0]; y++) {
      const { first, weights } = rows[y]!
      for (let x = 0; x < width; x++) {
        let sum = 0
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * middle[(first + k) * width + x]!
        out[y * width + x] = sum
      }
    }
  }
}

function tapsOf(from: number, to: number): Taps[] {
  const ratio = from / to
  return Array.from({ length: to }, (_, o) =>
    ratio > 1 ? areaTaps(o * ratio, (o + 1) * ratio, from) : linearTaps((o + 0.5) * ratio - 0.5, from),
  )
}

function areaTaps(left: number, right: number, from: number): Taps {
  const first = Math.floor(left)
  const last = Math.min(from, Math.ceil(right - 1e-9))
  const weights = Float64Array.from(
    { length: last - first },
    (_, k) => (Math.min(right, first + k + 1) - Math.max(left, first + k)) / (right - left),
  )
  return { first, weights }
}

function linearTaps(centre: number, from: number): Taps {
  const at = Math.min(from - 1, Math.max(0, centre))
  const first = Math.min(Math.floor(at), Math.max(0, from - 2))
  const share = at - first
  return { first, weights: share > 0 ? Float64Array.of(1 - share, share) : Float64Array.of(1) }
}
