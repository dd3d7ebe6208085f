import { finish, PARAMS, storeLanes } from './rescale'

// Activations are int16 less their zero point, so padding is plain zero and sums need no correction. Pixels are processed in fours: the
// planner leaves room for three surplus ones behind every tensor and every table.

const BLOCK: i32 = 64

/**
 * conv2d and dense: Y[m, n] = finish(bias[n] + sum of x * w). Output pixel m reads `rows` runs of 2 x `pairs` values, `rowBytes` apart, the
 * first at X + table[m]. Weights are panels of 8 channels, each [rows][pairs][8 channels][2].
 */
export function int8Convolve(
  pixels: i32,
  channels: i32,
  rows: i32,
  pairs: i32,
  rowBytes: usize,
  X: usize,
  table: usize,
  W: usize,
  Q: usize,
  Y: usize,
  mode: i32,
  low: i32,
  high: i32,
): void {
  const lowest = i16x8.splat(<i16>low)
  const highest = i16x8.splat(<i16>high)
  const ldy = <usize>channels << 1
  const panel = (<usize>rows * <usize>pairs) << 5
  const skip = rowBytes - ((<usize>pairs) << 2)
  for (let m0 = 0; m0 < pixels; m0 += BLOCK) {
    const m1 = min(m0 + BLOCK, pixels)
    let P = W
    let q = Q
    for (let n = 0; n < channels; n += 8, P += panel, q += PARAMS) {
      const lanes = channels - n
      for (let m = m0; m < m1; m += 4) {
        const offsets = table + (<usize>m << 2)
        let x0 = X + load<u32>(offsets)
        let x1 = X + load<u32>(offsets, 4)
        let x2 = X + load<u32>(offsets, 8)
        let x3 = X + load<u32>(offsets, 12)
        let a0 = v128.load(q)
        let a1 = v128.load(q, 16)
        let b0 = a0
        let b1 = a1
        let c0 = a0
        let c1 = a1
        let d0 = a0
        let d1 = a1
        let p = P
        for (let r = rows; r > 0; r--) {
          const end = x0 + ((<usize>pairs) << 2)
          while (x0 < end) {
            const w0 = v128.load(p)
            const w1 = v128.load(p, 16)
            let x = v128.load32_splat(x0)
            a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, w0))
            a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, w1))
            x = v128.load32_splat(x1)
            b0 = i32x4.add(b0, i32x4.dot_i16x8_s(x, w0))
            b1 = i32x4.add(b1, i32x4.dot_i16x8_s(x, w1))
            x = v128.load32_splat(x2)
            c0 = i32x4.add(c0, i32x4.dot_i16x8_s(x, w0))
            c1 = i32x4.add(c1, i32x4.dot_i16x8_s(x, w1))
            x = v128.load32_splat(x3)
            d0 = i32x4.add(d0, i32x4.dot_i16x8_s(x, w0))
            d1 = i32x4.add(d1, i32x4.dot_i16x8_s(x, w1))
            x0 += 4
            x1 += 4
            x2 += 4
            x3 += 4
            p += 32
          }
          x0 += skip
          x1 += skip
          x2 += skip
          x3 += skip
        }
        let y = Y + <usize>m * ldy + (<usize>n << 1)
        storeLanes(y, finish(a0, a1, q, mode, lowest, highest), lanes)
        y += ldy
        storeLanes(y, finish(b0, b1, q, mode, lowest, highest), lanes)
        y += ldy
        storeLanes(y, finish(c0, c1, q, mode, lowest, highest), lanes)
        y += ldy
        storeLanes(y, finish(d0, d1, q, mode, lowest, highest), lanes)
      }
    }
  }
}

/**
 * Depthwise: taps in pairs, two taps of 8 channels interleaved so that one dot product serves both. `taps` holds 2 x `pairs` byte offsets from
 * X + table[m]; weights are [8 channels][pairs][8][2].
 */
export function int8Depthwise(
  pixels: i32,
  channels: i32,
  pairs: i32,
  X: usize,
  table: usize,
  taps: usize,
  W: usize,
  Q: usize,
  Y: usize,
  mode: i32,
  low: i32,
  high: i32,
): void {
  const lowest = i16x8.splat(<i16>low)
  const highest = i16x8.splat(<i16>high)
  const ldy = <usize>channels << 1
  const end = taps + ((<usize>pairs) << 3)
  for (let m0 = 0; m0 < pixels; m0 += BLOCK) {
    const m1 = min(m0 + BLOCK, pixels)
    let P = W
    let q = Q
    for (let n = 0; n < channels; n += 8, P += (<usize>pairs) << 5, q += PARAMS) {
      const lanes = channels - n
      const base = X + (<usize>n << 1)
      for (let m = m0; m < m1; m += 4) {
        const offsets = table + (<usize>m << 2)
        const x0 = base + load<u32>(offsets)
        const x1 = base + load<u32>(offsets, 4)
        const x2 = base + load<u32>(offsets, 8)
        const x3 = base + load<u32>(offsets, 12)
        let a0 = v128.load(q)
        let a1 = v128.load(q, 16)
        let b0 = a0
        let b1 = a1
        let c0 = a0
        let c1 = a1
        let d0 = a0
        let d1 = a1
        let p = P
        for (let tap = taps; tap < end; tap += 8, p += 32) {
          const w0 = v128.load(p)
          const w1 = v128.load(p, 16)
          const s = <usize>load<u32>(tap)
          const t = <usize>load<u32>(tap, 4)
          let u = v128.load(x0 + s)
          let v = v128.load(x0 + t)
          a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v128.shuffle<i16>(u, v, 0, 8, 1, 9, 2, 10, 3, 11), w0))
          a1 = i32x4.add(a1, i32x4.dot_i16x8_s(v128.shuffle<i16>(u, v, 4, 12, 5, 13, 6, 14, 7, 15), w1))
          u = v128.load(x1 + s)
          v = v128.load(x1 + t)
          b0 = i32x4.add(b0, i32x4.dot_i16x8_s(v128.shuffle<i16>(u, v, 0, 8, 1, 9, 2, 10, 3, 11), w0))
          b1 = i32x4.add(b1, i32x4.dot_i16x8_s(v128.shuffle<i16>(u, v, 4, 12, 5, 13, 6, 14, 7, 15), w1))
          u = v128.load(x2 + s)
          v = v128.load(x2 + t)
          c0 = i32x4.add(c0, i32x4.dot_i16x8_s(v128.shuffle<i16>(u, v, 0, 8, 1, 9, 2, 10, 3, 11), w0))
          c1 = i32x4.add(c1, i32x4.dot_i16x8_s(v128.shuffle<i16>(u, v, 4, 12, 5, 13, 6, 14, 7, 15), w1))
          u = v128.load(x3 + s)
          v = v128.load(x3 + t)
          d0 = i32x4.add(d0, i32x4.dot_i16x8_s(v128.shuffle<i16>(u, v, 0, 8, 1, 9, 2, 10, 3, 11), w0))
          d1 = i32x4.add(d1, i32x4.dot_i16x8_s(v128.shuffle<i16>(u, v, 4, 12, 5, 13, 6, 14, 7, 15), w1))
        }
        let y = Y + <usize>m * ldy + (<usize>n << 1)
        storeLanes(y, finish(a0, a1, q, mode, lowest, highest), lanes)
        y += ldy
        storeLanes(y, finish(b0, b1, q, mode, lowest, highest), lanes)
        y += ldy
        storeLanes(y, finish(c0, c1, q, mode, lowest, highest), lanes)
        y += ldy
        storeLanes(y, finish(d0, d1, q, mode, lowest, highest), lanes)
      }
    }
  }
}
