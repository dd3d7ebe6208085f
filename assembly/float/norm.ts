import { bottom, bytes, ceiling, clamp, clear, clearDoubles, flush, isGrid, madd, passes, snap } from './simd'

// Batch norm as an affine map of the convolution's output z: y = activation(scale * z + shift). Per layer, C floats each:
//   affine = [scale | shift | mean | 1/sqrt(variance + epsilon)]       coefficients = [k1 | k0]
// Activations are not stored: whoever reads a layer recomputes them from z and `affine` while the block is in cache.

/** Batch statistics S = [sum | sum of squares] over M rows -> affine. Running statistics move: r = keep * r + (1 - keep) * batch. */
export function normPrepare(
  M: i32, C: i32, S: usize, gamma: usize, beta: usize, mean: usize, variance: usize, keep: f32, epsilon: f32, affine: usize,
): void {
  const unbiased: f64 = M > 1 ? <f64>M / <f64>(M - 1) : 1
  for (let c = 0; c < C; c++) {
    const m = load<f64>(S + ((<usize>c) << 3)) / <f64>M
    const v = max(load<f64>(S + ((<usize>(C + c)) << 3)) / <f64>M - m * m, 0)
    const at = bytes(c)
    store<f32>(mean + at, keep * load<f32>(mean + at) + (1 - keep) * <f32>m)
    store<f32>(variance + at, keep * load<f32>(variance + at) + (1 - keep) * <f32>(v * unbiased))
    storeAffine(c, C, <f32>m, <f32>v, load<f32>(gamma + at), load<f32>(beta + at), epsilon, affine)
  }
}

/** Running statistics -> affine (inference and frozen training). */
export function normFreeze(C: i32, gamma: usize, beta: usize, mean: usize, variance: usize, epsilon: f32, affine: usize): void {
  for (let c = 0; c < C; c++) {
    const at = bytes(c)
    storeAffine(c, C, load<f32>(mean + at), load<f32>(variance + at), load<f32>(gamma + at), load<f32>(beta + at), epsilon, affine)
  }
}

/** A bias as an affine map: scale 1, shift = bias. */
export function biasPrepare(C: i32, bias: usize, affine: usize): void {
  for (let c = 0; c < C; c++) {
    store<f32>(affine + bytes(c), 1)
    store<f32>(affine + bytes(C + c), load<f32>(bias + bytes(c)))
    store<f32>(affine + bytes(2 * C + c), 0)
    store<f32>(affine + bytes(3 * C + c), 0)
  }
}

// @ts-ignore: decorator
@inline
function storeAffine(c: i32, C: i32, mean: f32, variance: f32, gamma: f32, beta: f32, epsilon: f32, affine: usize): void {
  const r: f32 = 1 / sqrt<f32>(variance + epsilon)
  store<f32>(affine + bytes(c), gamma * r)
  store<f32>(affine + bytes(C + c), beta - mean * gamma * r)
  store<f32>(affine + bytes(2 * C + c), mean)
  store<f32>(affine + bytes(3 * C + c), r)
}

/** What hardSigmoid does before it clamps: the affine's result times `gain`, plus `shift` for the first `channels`; the others stay zero. */
export function rescaleAffine(C: i32, channels: i32, gain: f32, shift: f32, affine: usize): void {
  for (let c = 0; c < C; c++) {
    const scale = affine + bytes(c)
    const offset = affine + bytes(C + c)
    store<f32>(scale, load<f32>(scale) * gain)
    store<f32>(offset, load<f32>(offset) * gain + (c < channels ? shift : 0))
  }
}

/** y = activation(scale * z + shift) over M pixels of C channels. */
export function normApply(M: i32, C: i32, z: usize, affine: usize, activation: i32, y: usize): void {
  const pixel = bytes(C)
  for (let m = 0; m < M; m += 16, z += pixel << 4, y += pixel << 4)
    normApplyRows(1, min(16, M - m), C, pixel, z, affine, activation, y, 0, pixel)
}

/**
 * The same for C of the channels of H rows of W pixels: `pixel` bytes from pixel to pixel of z (also from row to row) and from scales to shifts;
 * the rows of y lie yRow bytes apart, its pixels yPixel.
 */
export function normApplyRows(
  H: i32, W: i32, C: i32, pixel: usize, z: usize, affine: usize, activation: i32, y: usize, yRow: usize, yPixel: usize,
): void {
  const low = bottom(activation)
  const top = ceiling(activation)
  const row = <usize>W * pixel
  for (let c: usize = 0; c < bytes(C); c += 16) {
    const a = v128.load(affine + c)
    const b = v128.load(affine + pixel + c)
    let p = z + c
    let to = y + c
    for (let h = 0; h < H; h++, to += yRow) {
      let q = to
      const end = p + row
      if (isGrid(activation)) {
        const inverse = v128.load32_splat(<usize>(<u32>activation), 8)
        const step = v128.load32_splat(<usize>(<u32>activation), 12)
        for (; p < end; p += pixel, q += yPixel) v128.store(q, snap(clamp(madd(v128.load(p), a, b), low, top), inverse, step))
      } else if (activation) for (; p < end; p += pixel, q += yPixel) v128.store(q, clamp(madd(v128.load(p), a, b), low, top))
      else for (; p < end; p += pixel, q += yPixel) v128.store(q, madd(v128.load(p), a, b))
    }
  }
}

/**
 * sums[0..C) += d, sums[C..2C) += d * z, row after row, where d is dy masked by the activation: a block gives the same sums whole or in parts.
 */
export function reduceBlock(M: i32, C: i32, dy: usize, z: usize, affine: usize, activation: i32, sums: usize): void {
  reduceSome(M, C, bytes(C), dy, z, affine, activation, sums)
}

/** The same for C channels of rows that are `row` bytes apart, as are the scales from the shifts and the sums of d from those of d * z. */
export function reduceSome(M: i32, C: i32, row: usize, dy: usize, z: usize, affine: usize, activation: i32, sums: usize): void {
  const low = bottom(activation)
  const top = ceiling(activation)
  for (let c: usize = 0; c < bytes(C); c += 16) {
    const a = v128.load(affine + c)
    const b = v128.load(affine + row + c)
    let s = v128.load(sums + c)
    let t = v128.load(sums + row + c)
    let p = z + c
    let q = dy + c
    const end = p + <usize>M * row
    if (activation)
      for (; p < end; p += row, q += row) {
        const v = v128.load(p)
        const d = v128.and(v128.load(q), passes(madd(v, a, b), low, top))
        s = f32x4.add(s, d)
        t = madd(d, v, t)
      }
    else
      for (; p < end; p += row, q += row) {
        const d = v128.load(q)
        s = f32x4.add(s, d)
        t = madd(d, v128.load(p), t)
      }
    v128.store(sums + c, s)
    v128.store(sums + row + c, t)
  }
}

/** S = [sum d | sum d * z] in doubles over M rows. */
export function normReduce(M: i32, C: i32, dy: usize, z: usize, affine: usize, activation: i32, S: usize, partial: usize): void {
  clear(partial, 2 * C)
  clearDoubles(S, 2 * C)
  const row = bytes(C)
  for (let m = 0; m < M; m += 64) {
    const at = <usize>m * row
    reduceBlock(min(64, M - m), C, dy + at, z + at, affine, activation, partial)
    flush(2 * C, partial, S)
  }
}

/**
 * S -> dgamma, dbeta and the coefficients of dz = scale * d + k1 * z + k0. `frozen` statistics (and biases) do not depend on z: k1 = k0 = 0.
 * `dgamma` = 0 where there is none.
 */
export function normGradient(M: i32, C: i32, S: usize, affine: usize, frozen: i32, dgamma: usize, dbeta: usize, coefficients: usize): void {
  for (let c = 0; c < C; c++) {
    const at = bytes(c)
    const scale = <f64>load<f32>(affine + at)
    const mean = <f64>load<f32>(affine + bytes(2 * C + c))
    const r = <f64>load<f32>(affine + bytes(3 * C + c))
    const sum = load<f64>(S + ((<usize>c) << 3))
    const centred = (load<f64>(S + ((<usize>(C + c)) << 3)) - mean * sum) * r
    if (dgamma) store<f32>(dgamma + at, <f32>centred)
    store<f32>(dbeta + at, <f32>sum)
    const k1 = frozen ? 0 : (-scale * r * centred) / <f64>M
    store<f32>(coefficients + at, <f32>k1)
    store<f32>(coefficients + bytes(C + c), frozen ? 0 : <f32>((-scale * sum) / <f64>M - k1 * mean))
  }
}

/** dz = scale * (dy masked by the activation) + k1 * z + k0 over M pixels of C channels. */
export function normBackward(
  M: i32, C: i32, dy: usize, z: usize, affine: usize, coefficients: usize, activation: i32, dz: usize,
): void {
  const pixel = bytes(C)
  for (let m = 0; m < M; m += 16, dy += pixel << 4, z += pixel << 4, dz += pixel << 4)
    normBackwardRows(1, min(16, M - m), C, pixel, dy, z, affine, coefficients, activation, dz, 0, pixel)
}

/**
 * The same for C of the channels of H rows of W pixels: `pixel` bytes from pixel to pixel of dy and z (also from row to row), from scales to
 * shifts and from k1 to k0; the rows of dz lie dzRow bytes apart, its pixels dzPixel.
 */
export function normBackwardRows(
  H: i32, W: i32, C: i32, pixel: usize, dy: usize, z: usize, affine: usize, coefficients: usize, activation: i32, dz: usize,
  dzRow: usize, dzPixel: usize,
): void {
  const low = bottom(activation)
  const top = ceiling(activation)
  const row = <usize>W * pixel
  for (let c: usize = 0; c < bytes(C); c += 16) {
    const a = v128.load(affine + c)
    const b = v128.load(affine + pixel + c)
    const k1 = v128.load(coefficients + c)
    const k0 = v128.load(coefficients + pixel + c)
    let p = z + c
    let q = dy + c
    let to = dz + c
    for (let h = 0; h < H; h++, to += dzRow) {
      let o = to
      const end = p + row
      if (activation)
        for (; p < end; p += pixel, q += pixel, o += dzPixel) {
          const v = v128.load(p)
          const d = v128.and(v128.load(q), passes(madd(v, a, b), low, top))
          v128.store(o, madd(a, d, madd(k1, v, k0)))
        }
      else
        for (; p < end; p += pixel, q += pixel, o += dzPixel) v128.store(o, madd(a, v128.load(q), madd(k1, v128.load(p), k0)))
    }
  }
}
