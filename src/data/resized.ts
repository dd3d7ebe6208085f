import type { Shape } from '../graph/graph.ts'
import type { Dataset } from './dataset.ts'
import { exampleSize } from './decoded.ts'
import { resizer } from './resize.ts'

/** Examples at another resolution: row k belongs to `indices[k]`. */
export type Resized = { readonly samples: Uint8Array | Float32Array }

/** Resolutions kept per list of examples; a search takes turns between few. */
const kept = 3
const cache = new WeakMap<Int32Array, Map<string, Resized>>()

/**
 * The listed examples at `shape`, made once and kept while the list lives. Bytes stay bytes (rounded), as a camera driver would deliver them.
 * @throws RangeError if the number of channels differs.
 */
export function resized(dataset: Dataset, indices: Int32Array, shape: Shape): Resized {
  if (shape[2] !== dataset.shape[2])
    throw new RangeError(`a network for ${shape[2]} channels cannot see data with ${dataset.shape[2]}`)
  const key = `${dataset.fingerprint}/${shape.join('x')}`
  let entries = cache.get(indices)
  if (!entries) cache.set(indices, (entries = new Map()))
  const found = entries.get(key) ?? make(dataset, indices, shape)
  entries.delete(key)
  entries.set(key, found)
  if (entries.size > kept) entries.delete(entries.keys().next().value!)
  return found
}

function make(dataset: Dataset, indices: Int32Array, shape: Shape): Resized {
  const [fromSize, size] = [exampleSize(dataset.shape), exampleSize(shape)]
  const bytes = dataset.samples instanceof Uint8Array
  const samples = bytes ? new Uint8Array(indices.length * size) : new Float32Array(indices.length * size)
  const resize = resizer([dataset.shape[0], dataset.shape[1]], [shape[0], shape[1]], shape[2])
  const one = new Float64Array(size)
  for (let k = 0; k < indices.length; k++) {
    resize(dataset.samples, indices[k]! * fromSize, one)
    if (bytes) for (let i = 0; i < size; i++) samples[k * size + i] = Math.round(one[i]!)
    else samples.set(one, k * size)
  }
  return { samples }
}
