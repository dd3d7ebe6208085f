import type { Shape } from '../graph/graph.ts'
import type { Random } from '../util/rng.ts'
import type { Dataset } from './dataset.ts'

/** Changes one normalised example in place. */
export type Augmenter = (example: Float32Array, random: Random) => void

/**
 * The usual augmentation of each kind: images are shifted by up to an eighth of their size and flipped left to right half of the time; audio and
 * sensor windows are shifted in time by up to an eighth, scaled a little and given a little noise.
 */
export function makeAugmenter(kind: Dataset['kind'], shape: Shape, level: number): Augmenter {
  const [h, w, c] = shape
  const scratch = new Float32Array(h * w * c)
  const reach = (n: number) => Math.floor((n * level) / 8)
  const offset = (limit: number, random: Random) => random.int(2 * limit + 1) - limit
  if (kind === 'image')
    return (example, random) => {
      const dy = offset(Math.min(reach(h), 4), random)
      const dx = offset(Math.min(reach(w), 4), random)
      shift(example, shape, dy, dx, random.next() < 0.5, scratch)
    }
  return (example, random) => {
    shift(example, shape, offset(reach(h), random), 0, false, scratch)
    const gain = 1 + 0.1 * level * (2 * random.next() - 1)
    const noise = 0.1 * level * random.next()
    // uniform noise of the same variance as a normal: cheaper, and as good here
    for (let i = 0; i < example.length; i++) example[i] = example[i]! * gain + noise * 1.7 * (2 * random.next() - 1)
  }
}

/** Moves the map; what comes in from outside repeats the edge. */
function shift(example: Float32Array, [h, w, c]: Shape, dy: number, dx: number, flip: boolean, scratch: Float32Array): void {
  if (dy === 0 && dx === 0 && !flip) return
  scratch.set(example)
  for (let y = 0; y < h; y++) {
    const sy = Math.min(h - 1, Math.max(0, y + dy))
    for (let x = 0; x < w; x++) {
      const across = Math.min(w - 1, Math.max(0, x + dx))
      const from = (sy * w + (flip ? w - 1 - across : across)) * c
      const to = (y * w + x) * c
      for (let k = 0; k < c; k++) example[to + k] = scratch[from + k]!
    }
  }
}
