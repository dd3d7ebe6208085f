import type { Shape } from '../graph/graph.ts'
import { rng, shuffle } from '../util/rng.ts'
import { makeAugmenter } from './augment.ts'
import type { Dataset } from './dataset.ts'
import { resizeArea } from './resize.ts'

export type BatchOptions = {
  /** Addresses the order of examples and augmentation. */
  readonly seed: string
  /** 0 = examples as they are, 1 = the usual augmentation of the data set's kind. */
  readonly augment: number
}

/** Examples of one split as a network sees them: resized to its input and normalised. */
export type Batcher = {
  readonly count: number
  /** values of one example */
  readonly exampleLength: number
  /**
   * Batch `index` of epoch `epoch`: `size` examples into `inputs` `[size, h, w, c]`, one-hot classes (or values) into `targets`.
   * Returns their positions in the split, valid until the next call. A function of (seed, epoch, index) alone.
   */
  batch(epoch: number, index: number, size: number, inputs: Float32Array, targets: Float32Array): Int32Array
  /** Examples `from` .. `from + count`, in the split's order, as they are. */
  gather(from: number, count: number, inputs: Float32Array): void
}

/** Images whose size differs from the network's input are averaged down once and kept. */
export function makeBatcher(dataset: Dataset, indices: Int32Array, input: Shape, options: BatchOptions): Batcher {
  const { samples } = sizedTo(dataset, input)
  const length = input[0] * input[1] * input[2]
  const channels = input[2]
  const { offset, scale } = dataset.normalisation
  const outputs = dataset.task === 'classification' ? dataset.classes.length : 1
  const augment = options.augment > 0 ? makeAugmenter(dataset.kind, input, options.augment) : undefined
  let order = new Int32Array(0)
  let orderOf = -1
  let positions = new Int32Array(0)

  function copy(example: number, into: Float32Array, at: number): void {
    const base = example * length
    for (let i = 0; i < length; i += channels)
      for (let c = 0; c < channels; c++) into[at + i + c] = (samples[base + i + c]! - offset[c]!) * scale[c]!
  }

  return {
    count: indices.length,
    exampleLength: length,
    batch(epoch, index, size, inputs, targets) {
      if (orderOf !== epoch) {
        order = shuffle(
          Int32Array.from(indices, (_, i) => i),
          rng(options.seed, 'order', epoch),
        )
        orderOf = epoch
      }
      if (positions.length !== size) positions = new Int32Array(size)
      const random = augment && rng(options.seed, 'augment', epoch, index)
      targets.fill(0, 0, size * outputs)
      for (let i = 0; i < size; i++) {
        const position = order[(index * size + i) % order.length]!
        const example = indices[position]!
        positions[i] = position
        copy(example, inputs, i * length)
        if (augment) augment(inputs.subarray(i * length, (i + 1) * length), random!)
        if (dataset.task === 'classification') targets[i * outputs + dataset.labels[example]!] = 1
        else targets[i] = dataset.labels[example]!
      }
      return positions
    },
    gather(from, count, inputs) {
      for (let i = 0; i < count; i++) copy(indices[from + i]!, inputs, i * length)
    },
  }
}

const sized = new WeakMap<Dataset, Map<string, Dataset['samples']>>()

/** The data set's samples at this size, kept for the life of the data set: searches come back to few resolutions. */
function sizedTo(dataset: Dataset, input: Shape): { samples: Dataset['samples'] } {
  if (dataset.shape[0] === input[0] && dataset.shape[1] === input[1]) return dataset
  const known = sized.get(dataset) ?? new Map<string, Dataset['samples']>()
  sized.set(dataset, known)
  const key = `${input[0]}x${input[1]}`
  let samples = known.get(key)
  if (!samples) {
    samples = resizeArea(dataset.samples, dataset.shape, input)
    known.set(key, samples)
  }
  return { samples }
}
