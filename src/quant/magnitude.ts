import { gzipSync } from 'fflate'
import type { Weights } from '../graph/weights.ts'
import { roundAway } from './multiplier.ts'
import { huffmanBits } from './size.ts'

export type MagnitudePruned = {
  readonly weights: Weights
  /** share of kernel values that are zero now */
  readonly sparsity: number
  /** the int8 kernels compressed: what a download or a compressed image takes, not what runs */
  readonly gzipBytes: number
  readonly huffmanBytes: number
}

/**
 * Unstructured pruning (Han et al. 2015): in every kernel the share `sparsity` of smallest magnitude becomes zero, ties at higher indices first.
 * It makes files smaller, not networks faster: int8 kernels on microcontrollers multiply zeros like anything else.
 */
export function magnitudePrune(weights: Weights, sparsity: number): MagnitudePruned {
  if (!(sparsity >= 0 && sparsity < 1)) throw new RangeError(`sparsity ${sparsity} is not in [0, 1)`)
  const result: Record<string, Float32Array> = { ...weights }
  const images: Int8Array[] = []
  for (const [name, kernel] of Object.entries(weights)) {
    if (!name.endsWith('/kernel')) continue
    const pruned = withoutSmallest(kernel, Math.floor(kernel.length * sparsity))
    result[name] = pruned
    const scale = pruned.reduce((max, w) => Math.max(max, Math.abs(w)), 0) / 127 || 1
    images.push(Int8Array.from(pruned, (w) => roundAway(w / scale)))
  }
  const image = new Uint8Array(images.reduce((sum, i) => sum + i.length, 0))
  let at = 0
  for (const part of images) {
    image.set(new Uint8Array(part.buffer), at)
    at += part.length
  }
  const counts = new Array<number>(256).fill(0)
  for (const byte of image) counts[byte]!++
  return {
    weights: result,
    sparsity: image.length === 0 ? 0 : sumZeros(result) / image.length,
    gzipBytes: gzipSync(image, { level: 9, mtime: 1 }).length,
    huffmanBytes: Math.ceil(huffmanBits(counts) / 8),
  }
}

function withoutSmallest(kernel: Float32Array, drop: number): Float32Array {
  const order = [...kernel.keys()].sort((a, b) => Math.abs(kernel[a]!) - Math.abs(kernel[b]!) || b - a)
  const pruned = kernel.slice()
  for (const k of order.slice(0, drop)) pruned[k] = 0
  return pruned
}

const sumZeros = (weights: Weights): number =>
  Object.entries(weights).reduce((sum, [name, w]) => (name.endsWith('/kernel') ? sum + w.filter((v) => v === 0).length : sum), 0)
