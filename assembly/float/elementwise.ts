import { accumulate, activate, bottom, bytes, ceiling, clamp, madd, passes } from './simd'

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

/** y = activation(a * b), C channels a pixel: each of the `count` pixels of b multiplies `pixels` pixels of a. */
export function mulForward(count: i32, pixels: i32, C: i32, a: usize, b: usize, activation: i32, y: usize): void {
  const row = bytes(C)
  for (let n = 0; n < count; n++, b += row)
    for (let p = 0; p < pixels; p++)
      for (let c: usize = 0; c < row; c += 16, a += 16, y += 16) v128.store(y, activate(f32x4.mul(v128.load(a), v128.load(b + c)), activation))
}

/** da = dy * b; db = the sum over the pixels of dy * a. Either may be 0: nobody wants it. */
export function mulBackward(count: i32, pixels: i32, C: i32, dy: usize, a: usize, b: usize, da: usize, db: usize): void {
  const row = bytes(C)
  const map = <usize>pixels * row
  for (let n = 0; n < count; n++, dy += map, a += map, b += row) {
    if (da) {
      for (let at: usize = 0; at < map; at += row)
        for (let c: usize = 0; c < row; c += 16, da += 16) v128.store(da, f32x4.mul(v128.load(dy + at + c), v128.load(b + c)))
    }
    if (db) {
      for (let c: usize = 0; c < row; c += 16, db += 16) {
        let s = f32x4.splat(0)
        for (let at = c; at < map; at += row) s = madd(v128.load(dy + at), v128.load(a + at), s)
        v128.store(db, s)
      }
    }
  }
}

/** y = activation(v min(max(v / 6 + 1 / 2, 0), 1)) over M rows of C channels, v the values of x: as they are, or by its affine and activation. */
export function hardSwishForward(M: i32, C: i32, x: usize, affine: usize, inActivation: i32, activation: i32, y: usize): void {
  const row = bytes(C)
  for (let m = 0; m < M; m++)
    for (let c: usize = 0; c < row; c += 16, x += 16, y += 16) {
      const v = operand(x, c, row, affine, inActivation)
      v128.store(y, activate(f32x4.mul(v, gateOf(v)), activation))
    }
}

/** dx = dy times the derivative, (2 v + 3) / 6 in (-3, 3), 0 below and 1 above. */
export function hardSwishBackward(M: i32, C: i32, x: usize, affine: usize, inActivation: i32, dy: usize, dx: usize): void {
  const row = bytes(C)
  const half = f32x4.splat(0.5)
  for (let m = 0; m < M; m++)
    for (let c: usize = 0; c < row; c += 16, x += 16, dy += 16, dx += 16) {
      const v = operand(x, c, row, affine, inActivation)
      const inside = f32x4.lt(f32x4.abs(v), f32x4.splat(3))
      const slope = v128.bitselect(madd(v, f32x4.splat(1.0 / 3.0), half), gateOf(v), inside)
      v128.store(dx, f32x4.mul(v128.load(dy), slope))
    }
}

// @ts-ignore: decorator
@inline
function gateOf(v: v128): v128 {
  return clamp(madd(v, f32x4.splat(1.0 / 6.0), f32x4.splat(0.5)), f32x4.splat(0), f32x4.splat(1))
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

/** y *= factor, n a multiple of 4. */
export function scale(n: i32, y: usize, factor: f32): void {
  const f = f32x4.splat(factor)
  const end = y + bytes(n)
  for (; y < end; y += 16) v128.store(y, f32x4.mul(v128.load(y), f))
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
