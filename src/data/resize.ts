import type { Shape } from '../graph/graph.ts'

/**
 * Area average of every example from one size to another (the mean over the covered rectangle, edges weighted): what firmware does with a few
 * additions per pixel. Bytes are rounded half up. Channels stay.
 */
export function resizeArea<T extends Uint8Array | Float32Array>(samples: T, from: Shape, to: Shape): T {
  const [h, w, channels] = from
  const [oh, ow] = to
  const count = samples.length / (h * w * channels)
  const isBytes = samples instanceof Uint8Array
  const out = (isBytes ? new Uint8Array(count * oh * ow * channels) : new Float32Array(count * oh * ow * channels)) as T
  const rows = coverage(h, oh)
  const columns = coverage(w, ow)
  const area = (h / oh) * (w / ow)
  for (let n = 0; n < count; n++)
    for (let y = 0; y < oh; y++)
      for (let x = 0; x < ow; x++)
        for (let c = 0; c < channels; c++) {
          let sum = 0
          for (const [iy, wy] of rows[y]!)
            for (const [ix, wx] of columns[x]!) sum += wy * wx * samples[((n * h + iy) * w + ix) * channels + c]!
          const mean = sum / area
          out[((n * oh + y) * ow + x) * channels + c] = isBytes ? Math.floor(mean + 0.5) : mean
        }
  return out
}

/** For each output cell the input cells that it covers, with the covered length. */
function coverage(n: number, out: number): [index: number, weight: number][][] {
  const step = n / out
  return Array.from({ length: out }, (_, o) => {
    const cells: [number, number][] = []
    for (let i = Math.floor(o * step); i < Math.min(n, Math.ceil((o + 1) * step)); i++) {
      const weight = Math.min(i + 1, (o + 1) * step) - Math.max(i, o * step)
      if (weight > 1e-9) cells.push([i, weight])
    }
    return cells
  })
}
