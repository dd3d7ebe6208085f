import { expect, test } from 'vitest'
import type { FloatKernels } from '../../../src/train/wasm/kernels.ts'
import { loadKernels } from '../../../src/util/wasm.ts'

// A row so wide that a block holds one row, and a kernel so large that the first blocks complete no row of dX.
test.each([3, 5, 7, 9])('gradients of a wide image with a kernel of %i touch nothing but their own memory', (size) => {
  const { memory, exports: k, heapBase } = loadKernels<FloatKernels>({ initialPages: 64 })
  const [H, W, C] = [11, 300, 4] as const
  const margin = (size - 1) / 2
  const [HP, WP, around] = [H + 2 * margin, W + 2 * margin, 2 * size] as const
  let at = (heapBase + 63) & ~63
  // Not a number around every tensor: what is read there spoils the sums, what is written there shows.
  new Float32Array(memory.buffer, at).fill(Number.NaN)
  const take = (floats: number, value?: number) => {
    const start = at + 64 * W
    at = (start + 4 * floats + 64 * W + 63) & ~63
    if (value !== undefined) new Float32Array(memory.buffer, start, floats).fill(value)
    return start
  }
  const image = H * W * C
  const [dY, Z, X, dX] = [take(image, 1), take(image, 1), take(image, 1), take(image)] as const
  const [affine, coefficients, inAffine] = [take(4 * C, 1), take(2 * C, 0), take(4 * C, 1)] as const
  const [weights, dW, sums, partial] = [take(size * size * C, 1), take(size * size * C), take(4 * C), take(2 * C)] as const
  const scratch = take(16 * (HP * WP + (H + around) * (W + around)) + size * size * 16)
  const nans = (bytes: number, end: number) => new Float32Array(memory.buffer, bytes, (end - bytes) / 4).every(Number.isNaN)

  const shape = [1, H, W, C, size, size, 1, 1, margin, margin, HP, WP, H, W] as const
  k.depthwiseBackward(...shape, dY, Z, affine, coefficients, 1, X, inAffine, 1, weights, dW, dX, sums, partial, scratch)

  expect(nans(dX - 64 * W, dX)).toBe(true)
  expect(nans(dX + 4 * image, dX + 4 * image + 64 * W)).toBe(true)
  // All weights and gradients are 1: dX counts the windows that hold a pixel, the sums count the pairs of window and pixel.
  const inside = (n: number) => Array.from({ length: n }, (_, i) => Math.min(n, i + margin + 1) - Math.max(0, i - margin))
  const pairs = [inside(H), inside(W)].map((counts) => counts.reduce((a, b) => a + b)).reduce((a, b) => a * b)
  expect(new Float64Array(memory.buffer, sums, C)).toEqual(new Float64Array(C).fill(pairs))
})
