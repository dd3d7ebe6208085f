import { accumulate, activate, bottom, bytes, ceiling, madd, passes } from './simd'

/** p[0..n) = value */
export function fill(n: i32, p: usize, value: f32): void {
  const end = p + bytes(n)
  for (; p < end; p += 4) store<f32>(p, value)
}

/** One operand of an addition: values as they are, or the z of a layer with its affine and activation. */
// @ts-ignore: decorator
@inline
function operand(p: usize, c: usize, row: usize, affine: usize, activation: i32): v128 {
  const v = v128.load(p)
  if (!affine) return v
  return activate(madd(v, v128.load(affine + c), v128.load(affine + row + c)), activation)
}

/** y = activation(a + b) over M rows of C channels. */
export function addForward(
  M: i32, C: i32, a: usize, aAffine: usize, aActivation: i32, b: usize, bAffine: usize, bActivation: i32, activation: i32, y: usize,
): void {
  const row = bytes(C)
  for (let m = 0; m < M; m++)
    for (let c: usize = 0; c < row; c += 16, a += 16, b += 16, y += 16)
      v128.store(y, activate(f32x4.add(operand(a, c, row, aAffine, aActivation), operand(b, c, row, bAffine, bActivation)), activation))
}

/** y = activation(y), n values (read and written in fours). */
export function activateInPlace(n: i32, y: usize, activation: i32): void {
  const end = y + bytes(n)
  for (; y < end; y += 16) v128.store(y, activate(v128.load(y), activation))
}

/** dx = dy where the activated sum y let it pass. n is a multiple of 4. */
export function maskBackward(n: i32, y: usize, activation: i32, dy: usize, dx: usize): void {
  const low = bottom(activation)
  const top = ceiling(activation)
  const end = y + bytes(n)
  for (; y < end; y += 16, dy += 16, dx += 16) v128.store(dx, v128.and(v128.load(dy), passes(v128.load(y), low, top)))
}

/** y += x, n a multiple of 4. */
export function addInto(n: i32, x: usize, y: usize): void {
  const end = x + bytes(n)
  for (; x < end; x += 16, y += 16) accumulate(y, v128.load(x))
}

/** y = a + b, n a multiple of 4. */
export function sum(n: i32, a: usize, b: usize, y: usize): void {
  const end = a + bytes(n)
  for (; a < end; a += 16, b += 16, y += 16) v128.store(y, f32x4.add(v128.load(a), v128.load(b)))
}

/** Rows of `from` floats to rows of `to` floats: drops the padding channels, or adds them as zeros. */
export function restride(rows: i32, from: i32, to: i32, x: usize, y: usize): void {
  const n = min(from, to)
  for (let r = 0; r < rows; r++, x += bytes(from), y += bytes(to)) {
    for (let i = 0; i < n; i++) store<f32>(y + bytes(i), load<f32>(x + bytes(i)))
    for (let i = n; i < to; i++) store<f32>(y + bytes(i), 0)
  }
}
