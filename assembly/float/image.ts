import { normApply } from './norm'
import { bytes, clear } from './simd'

/**
 * One image x[H, W, C] into the middle of zeros s[HP, WP, C], batch norm and activation on the way (affine = 0: a plain copy).
 * Windows then need no bounds checks.
 */
export function padImage(
  x: usize, affine: usize, activation: i32, H: i32, W: i32, C: i32, top: i32, left: i32, HP: i32, WP: i32, s: usize,
): void {
  const row = bytes(W * C)
  const before = left * C
  const after = (WP - left - W) * C
  clear(s, top * WP * C)
  s += bytes(top * WP * C)
  for (let h = 0; h < H; h++, x += row) {
    clear(s, before)
    s += bytes(before)
    if (affine) normApply(W, C, x, affine, activation, s)
    else memory.copy(s, x, row)
    s += row
    clear(s, after)
    s += bytes(after)
  }
  clear(s, (HP - top - H) * WP * C)
}
