import { bytes, madd } from './simd'

// n is a multiple of 4. `share` scales the gradient (clipping), `keep` = 1 - learning rate * weight decay shrinks the weights (decoupled decay).

/** Sum of squares. */
export function squaredNorm(n: i32, g: usize): f64 {
  let s0 = f64x2.splat(0)
  let s1 = s0
  const end = g + bytes(n)
  for (; g < end; g += 16) {
    const v = v128.load(g)
    const a = f64x2.promote_low_f32x4(v)
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3))
    s0 = f64x2.add(s0, f64x2.mul(a, a))
    s1 = f64x2.add(s1, f64x2.mul(b, b))
  }
  s0 = f64x2.add(s0, s1)
  return f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1)
}

/** SGD with Nesterov momentum: v = m v + g; p = keep p - lr (g + m v). */
export function sgd(n: i32, p: usize, g: usize, v: usize, learningRate: f32, momentum: f32, keep: f32, share: f32): void {
  const lr = f32x4.splat(learningRate)
  const m = f32x4.splat(momentum)
  const k = f32x4.splat(keep)
  const s = f32x4.splat(share)
  const end = p + bytes(n)
  for (; p < end; p += 16, g += 16, v += 16) {
    const d = f32x4.mul(v128.load(g), s)
    const u = madd(m, v128.load(v), d)
    v128.store(v, u)
    v128.store(p, f32x4.sub(f32x4.mul(k, v128.load(p)), f32x4.mul(lr, madd(m, u, d))))
  }
}

/** AdamW (Loshchilov and Hutter 2019): c1 = 1 / (1 - beta1^t), c2 = 1 / (1 - beta2^t). */
export function adamw(
  n: i32, p: usize, g: usize, m: usize, v: usize, learningRate: f32, beta1: f32, beta2: f32, epsilon: f32, c1: f32, c2: f32,
  keep: f32, share: f32,
): void {
  const lr = f32x4.splat(learningRate * c1)
  const b1 = f32x4.splat(beta1)
  const b2 = f32x4.splat(beta2)
  const r1 = f32x4.splat(1 - beta1)
  const r2 = f32x4.splat(1 - beta2)
  const k = f32x4.splat(keep)
  const s = f32x4.splat(share)
  const end = p + bytes(n)
  for (; p < end; p += 16, g += 16, m += 16, v += 16) {
    const d = f32x4.mul(v128.load(g), s)
    const mean = madd(b1, v128.load(m), f32x4.mul(r1, d))
    const square = madd(b2, v128.load(v), f32x4.mul(r2, f32x4.mul(d, d)))
    v128.store(m, mean)
    v128.store(v, square)
    const step = f32x4.div(f32x4.mul(lr, mean), f32x4.add(f32x4.sqrt(f32x4.mul(square, f32x4.splat(c2))), f32x4.splat(epsilon)))
    v128.store(p, f32x4.sub(f32x4.mul(k, v128.load(p)), step))
  }
}
