import type { Shape } from '../graph/graph.ts'
import { countOf } from '../task/labels.ts'
import { sha256 } from '../util/hash.ts'
import type { Decoded } from './decoded.ts'
import { exampleSize } from './decoded.ts'
import { resizer } from './resize.ts'

type Examples = Pick<Decoded, 'samples' | 'shape' | 'kind' | 'labels'>

/** Pictures up to which look-alikes are searched for: the search grows faster than the data. */
export const similarityLimit = 20_000

/** Bits of a likeness hash that may differ between two pictures that look alike, and mean difference of their thumbnails, in steps of 255. */
const alikeBits = 7
const alikeSteps = 5
const words = 8
const side = 16

/** Sets of equal examples (bit for bit), each with at least two members, ascending. */
export function equalExamples({ samples, shape, labels }: Examples): number[][] {
  const size = exampleSize(shape)
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
  const step = size * samples.BYTES_PER_ELEMENT
  const byHash = new Map<string, number[]>()
  for (let i = 0; i < countOf(labels); i++) {
    const key = sha256(bytes.subarray(i * step, (i + 1) * step))
    const same = byHash.get(key)
    if (same) same.push(i)
    else byHash.set(key, [i])
  }
  return [...byHash.values()].filter((set) => set.length > 1)
}

/**
 * Pairs of pictures that look alike: 256-bit difference hashes (is a cell of a 16 x 17 thumbnail brighter than its right neighbour?) of
 * which at most 7 bits differ, and thumbnails that differ by 5 steps of 255 on average. By the pigeonhole principle two such hashes agree in
 * at least one of eight words of 32 bits, so only pictures that share a word are compared.
 */
export function similarPictures({ samples, shape, labels }: Examples): [number, number][] {
  const count = countOf(labels)
  const { hashes, thumbnails, size } = thumbnailsOf(samples, shape, count)
  const pairs = new Map<number, [number, number]>()
  for (let w = 0; w < words; w++) {
    const buckets = new Map<number, number[]>()
    for (let i = 0; i < count; i++) {
      const bucket = buckets.get(hashes[i * words + w]!)
      if (bucket) bucket.push(i)
      else buckets.set(hashes[i * words + w]!, [i])
    }
    for (const bucket of buckets.values())
      if (bucket.length <= 500)
        for (let a = 1; a < bucket.length; a++)
          for (let b = 0; b < a; b++) {
            const [i, j] = [bucket[b]!, bucket[a]!]
            if (differingBits(hashes, i, j) <= alikeBits && difference(thumbnails, size, i, j) <= alikeSteps)
              pairs.set(i * count + j, [i, j])
          }
  }
  return [...pairs].sort((a, b) => a[0] - b[0]).map(([, pair]) => pair)
}

function differingBits(hashes: Uint32Array, i: number, j: number): number {
  let bits = 0
  for (let w = 0; w < words; w++) {
    let x = hashes[i * words + w]! ^ hashes[j * words + w]!
    x -= (x >>> 1) & 0x55555555
    x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
    bits += Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return bits
}

function difference(thumbnails: Uint8Array, size: number, i: number, j: number): number {
  let sum = 0
  for (let k = 0; k < size; k++) sum += Math.abs(thumbnails[i * size + k]! - thumbnails[j * size + k]!)
  return sum / size
}

function thumbnailsOf(samples: Decoded['samples'], shape: Shape, count: number) {
  const [h, w, c] = shape
  const resize = resizer([h, w], [side, side + 1], c)
  const size = side * (side + 1) * c
  const small = new Float64Array(size)
  const thumbnails = new Uint8Array(count * size)
  const hashes = new Uint32Array(count * words)
  for (let i = 0; i < count; i++) {
    resize(samples, i * h * w * c, small)
    for (let k = 0; k < size; k++) thumbnails[i * size + k] = Math.round(small[k]!)
    for (let bit = 0; bit < side * side; bit++) {
      const at = (Math.floor(bit / side) * (side + 1) + (bit % side)) * c
      let step = 0
      for (let k = 0; k < c; k++) step += small[at + c + k]! - small[at + k]!
      if (step > 0) hashes[i * words + (bit >> 5)]! |= 1 << (bit & 31)
    }
  }
  return { hashes, thumbnails, size }
}

/** Sets of examples that are equal or look alike, joined through common members. */
export function duplicateSets(data: Examples): number[][] {
  const parent = Int32Array.from({ length: countOf(data.labels) }, (_, i) => i)
  const find = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]!]!
    return i
  }
  const join = (i: number, j: number) => {
    const [a, b] = [find(i), find(j)]
    parent[Math.max(a, b)] = Math.min(a, b)
  }
  for (const set of equalExamples(data)) for (const i of set) join(set[0]!, i)
  if (data.samples instanceof Uint8Array) for (const [i, j] of similarPictures(data)) join(i, j)
  const sets = new Map<number, number[]>()
  for (let i = 0; i < parent.length; i++) {
    const root = find(i)
    const set = sets.get(root)
    if (set) set.push(i)
    else sets.set(root, [i])
  }
  return [...sets.values()].filter((set) => set.length > 1)
}
