/** a * b + c. The relaxed build lets the CPU fuse it (one rounding or two, by CPU), the plain build rounds twice everywhere. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/** Activations by code: 0 none, 1 ReLU, 2 ReLU6. Upper end of what passes. */
// @ts-ignore: decorator
@inline
export function ceiling(activation: i32): v128 {
  return f32x4.splat(activation == 2 ? 6 : Infinity)
}

/** min(max(v, 0), top); NaN stays NaN, so that a diverged network says so. */
// @ts-ignore: decorator
@inline
export function clamp(v: v128, top: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, f32x4.splat(0)), top)
}

/** All ones where the activation lets the gradient through: 0 < v < top. */
// @ts-ignore: decorator
@inline
export function passes(v: v128, top: v128): v128 {
  return v128.and(f32x4.gt(v, f32x4.splat(0)), f32x4.lt(v, top))
}

/** p += v */
// @ts-ignore: decorator
@inline
export function accumulate(p: usize, v: v128): void {
  v128.store(p, f32x4.add(v128.load(p), v))
}

// @ts-ignore: decorator
@inline
export function bytes(floats: i32): usize {
  return (<usize>floats) << 2
}

/** p[0..n) = 0 */
// @ts-ignore: decorator
@inline
export function clear(p: usize, n: i32): void {
  memory.fill(p, 0, bytes(n))
}

/** n doubles = 0 */
// @ts-ignore: decorator
@inline
export function clearDoubles(p: usize, n: i32): void {
  memory.fill(p, 0, (<usize>n) << 3)
}

/**
 * Column sums are built from float blocks that are emptied into doubles: as fast as float, as exact as the blocks are short.
 * S[i] += partial[i]; partial[i] = 0
 */
export function flush(n: i32, partial: usize, S: usize): void {
  for (let i = 0; i < n; i++, partial += 4, S += 8) {
    store<f64>(S, load<f64>(S) + <f64>load<f32>(partial))
    store<f32>(partial, 0)
  }
}
