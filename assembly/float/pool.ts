import { accumulate, activate, bottom, bytes, ceiling, clear, passes } from './simd'

// Pooling over windows cut at the borders: padding counts neither in the mean nor in the maximum (TensorFlow's rule).
// Backward reads the pooled values themselves: an activation passed exactly where 0 < y < top.

// @ts-ignore: decorator
@inline
function gradientAt(d: usize, y: usize, activation: i32): v128 {
  const v = v128.load(d)
  return activation ? v128.and(v, passes(v128.load(y), bottom(activation), ceiling(activation))) : v
}

export function averageForward(
  count: i32, H: i32, W: i32, C: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, OH: i32, OW: i32, x: usize,
  activation: i32, y: usize,
): void {
  const row = bytes(C)
  for (let n = 0; n < count; n++, x += bytes(H * W * C))
    for (let oh = 0; oh < OH; oh++)
      for (let ow = 0; ow < OW; ow++) {
        const h0 = max(0, oh * sh - top)
        const h1 = min(H, oh * sh - top + kh)
        const w0 = max(0, ow * sw - left)
        const w1 = min(W, ow * sw - left + kw)
        const share = f32x4.splat(1 / <f32>((h1 - h0) * (w1 - w0)))
        for (let c: usize = 0; c < row; c += 16, y += 16) {
          let s = f32x4.splat(0)
          for (let h = h0; h < h1; h++) for (let w = w0; w < w1; w++) s = f32x4.add(s, v128.load(x + bytes((h * W + w) * C) + c))
          v128.store(y, activate(f32x4.mul(s, share), activation))
        }
      }
}

export function averageBackward(
  count: i32, H: i32, W: i32, C: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, OH: i32, OW: i32, y: usize,
  activation: i32, dy: usize, dx: usize,
): void {
  const row = bytes(C)
  clear(dx, count * H * W * C)
  for (let n = 0; n < count; n++, dx += bytes(H * W * C))
    for (let oh = 0; oh < OH; oh++)
      for (let ow = 0; ow < OW; ow++) {
        const h0 = max(0, oh * sh - top)
        const h1 = min(H, oh * sh - top + kh)
        const w0 = max(0, ow * sw - left)
        const w1 = min(W, ow * sw - left + kw)
        const share = f32x4.splat(1 / <f32>((h1 - h0) * (w1 - w0)))
        for (let c: usize = 0; c < row; c += 16, y += 16, dy += 16) {
          const d = f32x4.mul(gradientAt(dy, y, activation), share)
          for (let h = h0; h < h1; h++) for (let w = w0; w < w1; w++) accumulate(dx + bytes((h * W + w) * C) + c, d)
        }
      }
}

// @ts-ignore: decorator
@inline
function windowMax(x: usize, W: i32, C: i32, h0: i32, h1: i32, w0: i32, w1: i32): v128 {
  let m = f32x4.splat(-Infinity)
  for (let h = h0; h < h1; h++) for (let w = w0; w < w1; w++) m = f32x4.max(m, v128.load(x + bytes((h * W + w) * C)))
  return m
}

export function maxForward(
  count: i32, H: i32, W: i32, C: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, OH: i32, OW: i32, x: usize,
  activation: i32, y: usize,
): void {
  const row = bytes(C)
  for (let n = 0; n < count; n++, x += bytes(H * W * C))
    for (let oh = 0; oh < OH; oh++)
      for (let ow = 0; ow < OW; ow++)
        for (let c: usize = 0; c < row; c += 16, y += 16) {
          const h = oh * sh - top
          const w = ow * sw - left
          v128.store(y, activate(windowMax(x + c, W, C, max(0, h), min(H, h + kh), max(0, w), min(W, w + kw)), activation))
        }
}

/** The gradient goes to the first maximum of a window. */
export function maxBackward(
  count: i32, H: i32, W: i32, C: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, OH: i32, OW: i32, x: usize, y: usize,
  activation: i32, dy: usize, dx: usize,
): void {
  const row = bytes(C)
  clear(dx, count * H * W * C)
  for (let n = 0; n < count; n++, x += bytes(H * W * C), dx += bytes(H * W * C))
    for (let oh = 0; oh < OH; oh++)
      for (let ow = 0; ow < OW; ow++) {
        const h0 = max(0, oh * sh - top)
        const h1 = min(H, oh * sh - top + kh)
        const w0 = max(0, ow * sw - left)
        const w1 = min(W, ow * sw - left + kw)
        for (let c: usize = 0; c < row; c += 16, y += 16, dy += 16) {
          const m = windowMax(x + c, W, C, h0, h1, w0, w1)
          let open = gradientAt(dy, y, activation)
          for (let h = h0; h < h1; h++)
            for (let w = w0; w < w1; w++) {
              const at = bytes((h * W + w) * C) + c
              const here = f32x4.eq(v128.load(x + at), m)
              accumulate(dx + at, v128.and(open, here))
              open = v128.andnot(open, here)
            }
        }
      }
}

/** y[n, C] = mean over `pixels` of x[n, pixels, C]. */
export function meanForward(count: i32, pixels: i32, C: i32, x: usize, y: usize): void {
  const row = bytes(C)
  const share = f32x4.splat(1 / <f32>pixels)
  for (let n = 0; n < count; n++, x += <usize>pixels * row)
    for (let c: usize = 0; c < row; c += 16, y += 16) {
      let s = f32x4.splat(0)
      let p = x + c
      for (let i = 0; i < pixels; i++, p += row) s = f32x4.add(s, v128.load(p))
      v128.store(y, f32x4.mul(s, share))
    }
}

export function meanBackward(count: i32, pixels: i32, C: i32, dy: usize, dx: usize): void {
  const row = bytes(C)
  const share = f32x4.splat(1 / <f32>pixels)
  for (let n = 0; n < count; n++, dy += row)
    for (let i = 0; i < pixels; i++)
      for (let c: usize = 0; c < row; c += 16, dx += 16) v128.store(dx, f32x4.mul(v128.load(dy + c), share))
}
