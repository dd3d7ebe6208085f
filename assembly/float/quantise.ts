import { bytes, snap } from './simd'

/**
 * Q[K, N] = what `levels` steps on either side (127 in int8, 7 in 4 bits) can hold of the kernel W[K, N]: symmetric, so many steps to the largest magnitude of each column (columns are output channels),
 * or of the whole kernel where `whole` is not 0. Batch norm scales a column and its steps alike, so this is the grid of the folded kernel, too.
 */
export function snapColumns(K: i32, N: i32, W: usize, whole: i32, levels: i32, Q: usize): void {
  const row = bytes(N)
  const steps = f32x4.splat(<f32>levels)
  let shared = f32x4.splat(0)
  if (whole) {
    for (let c: usize = 0; c < row; c += 16) shared = f32x4.max(shared, largest(K, row, W + c))
    shared = f32x4.max(shared, v128.shuffle<f32>(shared, shared, 2, 3, 0, 1))
    shared = f32x4.max(shared, v128.shuffle<f32>(shared, shared, 1, 0, 3, 2))
  }
  for (let c: usize = 0; c < row; c += 16) {
    const most = f32x4.max(whole ? shared : largest(K, row, W + c), f32x4.splat(1e-30))
    const inverse = f32x4.div(steps, most)
    const step = f32x4.div(most, steps)
    let p = W + c
    let q = Q + c
    for (let k = 0; k < K; k++, p += row, q += row) v128.store(q, snap(v128.load(p), inverse, step))
  }
}

/** Largest magnitude of each of four columns. */
// @ts-ignore: decorator
@inline
function largest(K: i32, row: usize, p: usize): v128 {
  let most = f32x4.splat(0)
  for (let k = 0; k < K; k++, p += row) most = f32x4.max(most, f32x4.abs(v128.load(p)))
  return most
}
