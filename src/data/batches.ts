import type { Shape } from '../graph/graph.ts'
import { outputsOf, taskOf } from '../task/lookup.ts'
import { rng, seed32, shuffle } from '../util/rng.ts'
import { augmentationOf, draws, type Edge, edgeOf, vary } from './augment.ts'
import { mixBackground } from './background.ts'
import type { Dataset } from './dataset.ts'
import { exampleSize } from './decoded.ts'
import { mixRows } from './mixup.ts'
import { resized } from './resized.ts'
import { turn } from './turn.ts'

export type BatcherOptions = {
  /** Addresses the order of examples and every random variation. */
  readonly seed: string
  /** 0 = examples as they are, 1 = the data set's usual augmentation */
  readonly augment: number
}

/** Examples of one split as a network of one input shape sees them: gathered, resized, normalised. */
export type Batcher = {
  readonly count: number
  /** Values per example: h * w * c of the network's input. */
  readonly exampleLength: number
  /**
   * Batch `index` of epoch `epoch`: `size` examples in the epoch's random order (wrapping at its end), augmented, into `inputs`
   * `[size, h, w, c]`; what the outputs should be into `targets` `[size, outputs]`. Returns the positions of the examples
   * within the split (valid until the next call). A function of (seed, epoch, position) alone: calls may come in any order.
   */
  batch(epoch: number, index: number, size: number, inputs: Float32Array, targets: Float32Array): Int32Array
  /** How the last batch was blended, for what else belongs to its rows (`mixRows`); undefined = not at all. */
  readonly mix: () => Float32Array | undefined
  /** Examples `from .. from + count - 1` of the split, in order and without augmentation, into `inputs`. */
  gather(from: number, count: number, inputs: Float32Array): void
}

/** Makes batches of the examples `indices` for a network with input `shape`. Runs in the worker; allocates only here. */
export function makeBatcher(dataset: Dataset, indices: Int32Array, shape: Shape, options: BatcherOptions): Batcher {
  const [h, w, _c] = shape
  const size = exampleSize(shape)
  const same = shape.every((n, d) => n === dataset.shape[d])
  const samples = same ? dataset.samples : resized(dataset, indices, shape).samples
  const row = (position: number) => (same ? indices[position]! : position) * size
  const write = writer(samples, dataset.normalisation, shape)
  const how = augmentationOf(dataset, options.augment)
  const seed = seed32(options.seed, 'augment')
  const random = draws()
  const edge = edgeOf(dataset.kind)
  const { writeTarget } = taskOf(dataset.task)
  const outputs = outputsOf(dataset)

  const augmented = (position: number, epoch: number, into: Float32Array, at: number) => {
    if (!how) return write(row(position), into, at, 0, 0, false, edge)
    random.reset(seed, epoch, position)
    const dy = Math.round((2 * random.next() - 1) * how.shift * h)
    const dx = dataset.kind === 'image' ? Math.round((2 * random.next() - 1) * how.shift * w) : 0
    write(row(position), into, at, dy, dx, how.flip && random.next() < 0.5, edge)
    if (dataset.background && same) mixBackground(into, at, h, w, dataset.background, dataset.normalisation, random)
    if (how.rotate > 0 && dataset.triads) turn(into, at, size, dataset.triads, dataset.normalisation, how.rotate, random)
    vary(into, at, shape, how, random)
  }

  let orderEpoch = -1
  const order = new Int32Array(indices.length)
  let positions = new Int32Array(0)
  let weights: Float32Array | undefined
  /** Addressed by the batch: an example's own draws are under its position, which is never negative. */
  const blend = (epoch: number, index: number, count: number, inputs: Float32Array, targets: Float32Array, share: number) => {
    if (weights?.length !== count >> 1) weights = new Float32Array(count >> 1)
    random.reset(seed, epoch, -2 - index)
    for (let k = 0; k < weights.length; k++) weights[k] = share * random.next()
    mixRows(inputs, size, count, weights)
    mixRows(targets, outputs, count, weights)
  }
  return {
    count: indices.length,
    exampleLength: size,
    batch(epoch, index, count, inputs, targets) {
      if (orderEpoch !== epoch) {
        for (let i = 0; i < order.length; i++) order[i] = i
        shuffle(order, rng(options.seed, 'order', epoch))
        orderEpoch = epoch
      }
      if (positions.length !== count) positions = new Int32Array(count)
      targets.fill(0, 0, count * outputs)
      for (let k = 0; k < count; k++) {
        const position = order[(index * count + k) % order.length]!
        positions[k] = position
        augmented(position, epoch, inputs, k * size)
        writeTarget(dataset.labels, indices[position]!, targets, k * outputs)
      }
      if (how && how.mixup > 0) blend(epoch, index, count, inputs, targets, how.mixup)
      return positions
    },
    mix: () => weights,
    gather(from, count, inputs) {
      for (let k = 0; k < count; k++) write(row(from + k), inputs, k * size, 0, 0, false, edge)
    },
  }
}

type Write = (from: number, into: Float32Array, at: number, dy: number, dx: number, flip: boolean, edge: Edge) => void

/** Copies one example, normalised, shifted by (dy, dx) and mirrored. Bytes go through a table of 256 values per channel. */
function writer(samples: Uint8Array | Float32Array, { offset, scale }: Dataset['normalisation'], [h, w, c]: Shape): Write {
  const [offsets, scales] = [Float64Array.from(offset), Float64Array.from(scale)]
  const table = Float32Array.from({ length: 256 * c }, (_, i) => ((i & 255) - offset[i >> 8]!) * scale[i >> 8]!)
  /** `count` pixels from `from` on, `step` values apart (-c = mirrored), to `to`. */
  const copy =
    samples instanceof Uint8Array
      ? (from: number, step: number, count: number, into: Float32Array, to: number) => {
          for (let k = 0; k < c; k++)
            for (let n = 0, i = to + k, j = from + k; n < count; n++, i += c, j += step) into[i] = table[(k << 8) + samples[j]!]!
        }
      : (from: number, step: number, count: number, into: Float32Array, to: number) => {
          for (let k = 0; k < c; k++) {
            const [o, s] = [offsets[k]!, scales[k]!]
            for (let n = 0, i = to + k, j = from + k; n < count; n++, i += c, j += step) into[i] = (samples[j]! - o) * s
          }
        }
  return (from, into, at, dy, dx, flip, edge) => {
    const row = w * c
    const top = Math.max(0, dy)
    const bottom = Math.min(h, h + dy)
    const straight = dx === 0 && !flip
    if (straight) copy(from + (top - dy) * row, c, (bottom - top) * w, into, at + top * row)
    const first = Math.max(0, dx)
    const last = Math.min(w, w + dx)
    const start = flip ? w - 1 - (first - dx) : first - dx
    for (let y = 0; y < h; y++) {
      if (straight && y >= top && y < bottom) continue
      const to = at + y * row
      const source = sourceRow(y - dy, h, edge)
      if (source < 0) into.fill(0, to, to + row)
      else {
        if (dx !== 0) into.fill(0, to, to + row)
        copy(from + source * row + start * c, flip ? -c : c, last - first, into, to + first * c)
      }
    }
  }
}

/** The row to show at a place that may lie outside; -1 = none, so the mean. */
function sourceRow(y: number, h: number, edge: Edge): number {
  if (y >= 0 && y < h) return y
  return edge === 'mean' ? -1 : edge === 'wrap' ? (y + h) % h : y < 0 ? 0 : h - 1
}
