/** a * b + c. The relaxed build lets the CPU fuse it (one rounding or two, by CPU), the plain build rounds twice everywhere. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

// Activations by code: 0 none, 1 ReLU, 2 ReLU6, 3 clamped to [0, 1]; anything larger is the address of a grid [low, high, 1 / step, step] that int8 can hold
// (quantisation-aware training): values are clamped to it and rounded, the gradient passes straight through the rounding.

// @ts-ignore: decorator
@inline
export function isGrid(activation: i32): bool {
  return <u32>activation > 3
}

/** Lower end of what passes. */
// @ts-ignore: decorator
@inline
export function bottom(activation: i32): v128 {
  return isGrid(activation) ? v128.load32_splat(<usize>(<u32>activation)) : f32x4.splat(0)
}

/** Upper end. */
// @ts-ignore: decorator
@inline
export function ceiling(activation: i32): v128 {
  if (isGrid(activation)) return v128.load32_splat(<usize>(<u32>activation), 4)
  return f32x4.splat(activation == 2 ? 6 : activation == 3 ? 1 : Infinity)
}

/** min(max(v, low), top); NaN stays NaN, so that a diverged network says so. */
// @ts-ignore: decorator
@inline
export function clamp(v: v128, low: v128, top: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, low), top)
}

/** The nearest multiple of `step`. */
// @ts-ignore: decorator
@inline
export function snap(v: v128, inverse: v128, step: v128): v128 {
  return f32x4.mul(f32x4.nearest(f32x4.mul(v, inverse)), step)
}

/** Any activation of any value: where its parts are not worth keeping in registers. */
// @ts-ignore: decorator
@inline
export function activate(v: v128, activation: i32): v128 {
  if (!activation) return v
  const y = clamp(v, bottom(activation), ceiling(activation))
  if (!isGrid(activation)) return y
  const grid = <usize>(<u32>activation)
  return snap(y, v128.load32_splat(grid, 8), v128.load32_splat(grid, 12))
}

/** All ones where the activation lets the gradient through: low < v < top. */
// @ts-ignore: decorator
@inline
export function passes(v: v128, low: v128, top: v128): v128 {
  return v128.and(f32x4.gt(v, low), f32x4.lt(v, top))
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
