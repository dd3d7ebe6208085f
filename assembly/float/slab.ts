import { bytes } from './simd'

// Depthwise kernels work on copies that hold 16 channels at a time, a cache line per pixel: the neighbours of a pixel then lie at distances that
// V8 folds into its loads, and an image of 20 x 20 fits the first-level cache however many channels the network has.

/** Channels of a slab. */
export const slab: i32 = 16
/** Bytes from one pixel of a slab to the next. */
export const pixel: usize = slab * 4

/** Weights[taps][C] -> slabs [taps][16]; the last one's unused channels stay as they are. */
export function packTaps(taps: i32, C: i32, weights: usize, to: usize): void {
  for (let c = 0; c < C; c += slab, to += <usize>taps * pixel)
    for (let t = 0; t < taps; t++) copyPixel(min(slab, C - c), weights + bytes(t * C + c), to + <usize>t * pixel)
}

/**
 * The same for walking backwards: taps of each phase [i0][j0] (positions modulo the strides) in reverse, phase after phase.
 */
export function packTapsBackward(kh: i32, kw: i32, sh: i32, sw: i32, C: i32, weights: usize, to: usize): void {
  for (let c = 0; c < C; c += slab)
    for (let i0 = 0; i0 < min(sh, kh); i0++)
      for (let j0 = 0; j0 < min(sw, kw); j0++)
        for (let i = tapsOfPhase(i0, kh, sh) - 1; i >= 0; i--)
          for (let j = tapsOfPhase(j0, kw, sw) - 1; j >= 0; j--, to += pixel)
            copyPixel(min(slab, C - c), weights + bytes(((i0 + sh * i) * kw + j0 + sw * j) * C + c), to)
}

/** Taps i0, i0 + s, ... below k: none where the stride outruns the kernel. */
export function tapsOfPhase(i0: i32, k: i32, s: i32): i32 {
  return i0 < k ? (k - i0 + s - 1) / s : 0
}

/** Taps of the phases before i0. */
export function tapsBeforePhase(i0: i32, k: i32, s: i32): i32 {
  let taps = 0
  for (let i = 0; i < i0; i++) taps += tapsOfPhase(i, k, s)
  return taps
}

// @ts-ignore: decorator
@inline
export function copyPixel(channels: i32, from: usize, to: usize): void {
  for (let c: usize = 0; c < bytes(channels); c += 16) v128.store(to + c, v128.load(from + c))
}
