import { accumulate, bytes, madd } from './simd'

// Matrices are row-major float32; every K and N here is a multiple of 4 (channels are padded by the planner).
// Tiles of 4 x 8 keep 8 sums, 2 columns and 1 row value in V8's 15 usable registers. How V8 (11.3) emits a block decides a sixth of their speed:
// - its loop does two steps, parted by a branch: in one block, V8 would move the loads of both steps to the top and spill;
// - a step writes its sums from last to first: V8 places what feeds the first sum last, and only then lets each load stand before its products.

/** W[K, N] as panels of 8 columns, each `[K][8]` (a last panel of 4 where N % 8 = 4). */
export function pack(K: i32, N: i32, W: usize, P: usize): void {
  const ld = bytes(N)
  let n = 0
  for (; n + 8 <= N; n += 8) {
    let w = W + bytes(n)
    for (let k = 0; k < K; k++, w += ld, P += 32) {
      v128.store(P, v128.load(w))
      v128.store(P, v128.load(w, 16), 16)
    }
  }
  if (n < N) {
    let w = W + bytes(n)
    for (let k = 0; k < K; k++, w += ld, P += 16) v128.store(P, v128.load(w))
  }
}

/** The transpose of W[K, N] packed the same way: panels of 8 rows k of W, each `[N][8]`. */
export function packTransposed(K: i32, N: i32, W: usize, P: usize): void {
  const ld = bytes(N)
  for (let k = 0; k < K; ) {
    const width = k + 8 <= K ? 8 : 4
    for (let q = 0; q < width; q += 4, k += 4) {
      let w0 = W + <usize>k * ld
      let w1 = w0 + ld
      let w2 = w1 + ld
      let w3 = w2 + ld
      let p = P + bytes(q)
      const step = bytes(width)
      for (let n = 0; n < N; n += 4) {
        const a = v128.load(w0)
        const b = v128.load(w1)
        const c = v128.load(w2)
        const d = v128.load(w3)
        const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
        const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
        const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
        const gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
        v128.store(p, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5))
        p += step
        v128.store(p, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
        p += step
        v128.store(p, v128.shuffle<f32>(ef, gh, 0, 1, 4, 5))
        p += step
        v128.store(p, v128.shuffle<f32>(ef, gh, 2, 3, 6, 7))
        p += step
        w0 += 16
        w1 += 16
        w2 += 16
        w3 += 16
      }
    }
    P += <usize>N * bytes(width)
  }
}

/**
 * Y[R, N] = X[R, K] * packed W. With `sums` also column sums: sums[0..N) += column of Y, sums[N..2N) += its squares.
 * Each element adds its K products in order, whichever tile computes it: results do not depend on R.
 */
export function gemmBlock(R: i32, N: i32, K: i32, X: usize, P: usize, Y: usize, sums: usize): void {
  const ldx = bytes(K)
  const ldy = bytes(N)
  const squares = bytes(N)
  let n = 0
  for (; n + 8 <= N; n += 8, P += <usize>K << 5) {
    const s = sums ? sums + bytes(n) : 0
    let x = X
    let y = Y + bytes(n)
    let m = 0
    for (; m + 4 <= R; m += 4, x += ldx << 2, y += ldy << 2) tile4x8(K, x, ldx, P, y, ldy, s, squares)
    for (; m < R; m++, x += ldx, y += ldy) tile1x8(K, x, P, y, s, squares)
  }
  if (n < N) {
    const s = sums ? sums + bytes(n) : 0
    let x = X
    let y = Y + bytes(n)
    let m = 0
    for (; m + 4 <= R; m += 4, x += ldx << 2, y += ldy << 2) tile4x4(K, x, ldx, P, y, ldy, s, squares)
    for (; m < R; m++, x += ldx, y += ldy) tile1x4(K, x, P, y, s, squares)
  }
}

// @ts-ignore: decorator
@inline
function addSums(s: usize, squares: usize, sum: v128, square: v128): void {
  accumulate(s, sum)
  accumulate(s + squares, square)
}

// @ts-ignore: decorator
@inline
function sum4(a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(f32x4.add(f32x4.add(a, b), c), d)
}

// @ts-ignore: decorator
@inline
function square4(a: v128, b: v128, c: v128, d: v128): v128 {
  return madd(d, d, madd(c, c, madd(b, b, f32x4.mul(a, a))))
}

// @ts-ignore: decorator
@inline
function tile4x8(K: i32, x0: usize, ldx: usize, P: usize, Y: usize, ldy: usize, s: usize, squares: usize): void {
  let a0 = f32x4.splat(0)
  let a1 = a0
  let b0 = a0
  let b1 = a0
  let c0 = a0
  let c1 = a0
  let d0 = a0
  let d1 = a0
  let x1 = x0 + ldx
  let x2 = x1 + ldx
  let x3 = x2 + ldx
  const end = x0 + bytes(K)
  const last = end - 4
  while (x0 < end) {
    let w0 = v128.load(P)
    let w1 = v128.load(P, 16)
    let x = v128.load32_splat(x3)
    d1 = madd(x, w1, d1)
    d0 = madd(x, w0, d0)
    x = v128.load32_splat(x2)
    c1 = madd(x, w1, c1)
    c0 = madd(x, w0, c0)
    x = v128.load32_splat(x1)
    b1 = madd(x, w1, b1)
    b0 = madd(x, w0, b0)
    x = v128.load32_splat(x0)
    a1 = madd(x, w1, a1)
    a0 = madd(x, w0, a0)
    if (x0 == last) break
    w0 = v128.load(P, 32)
    w1 = v128.load(P, 48)
    x = v128.load32_splat(x3, 4)
    d1 = madd(x, w1, d1)
    d0 = madd(x, w0, d0)
    x = v128.load32_splat(x2, 4)
    c1 = madd(x, w1, c1)
    c0 = madd(x, w0, c0)
    x = v128.load32_splat(x1, 4)
    b1 = madd(x, w1, b1)
    b0 = madd(x, w0, b0)
    x = v128.load32_splat(x0, 4)
    a1 = madd(x, w1, a1)
    a0 = madd(x, w0, a0)
    x0 += 8
    x1 += 8
    x2 += 8
    x3 += 8
    P += 64
  }
  v128.store(Y, a0)
  v128.store(Y, a1, 16)
  v128.store(Y + ldy, b0)
  v128.store(Y + ldy, b1, 16)
  v128.store(Y + 2 * ldy, c0)
  v128.store(Y + 2 * ldy, c1, 16)
  v128.store(Y + 3 * ldy, d0)
  v128.store(Y + 3 * ldy, d1, 16)
  if (s) {
    addSums(s, squares, sum4(a0, b0, c0, d0), square4(a0, b0, c0, d0))
    addSums(s + 16, squares, sum4(a1, b1, c1, d1), square4(a1, b1, c1, d1))
  }
}

// @ts-ignore: decorator
@inline
function tile4x4(K: i32, x0: usize, ldx: usize, P: usize, Y: usize, ldy: usize, s: usize, squares: usize): void {
  let a = f32x4.splat(0)
  let b = a
  let c = a
  let d = a
  let x1 = x0 + ldx
  let x2 = x1 + ldx
  let x3 = x2 + ldx
  for (let k = 0; k < K; k++) {
    const w = v128.load(P)
    d = madd(v128.load32_splat(x3), w, d)
    c = madd(v128.load32_splat(x2), w, c)
    b = madd(v128.load32_splat(x1), w, b)
    a = madd(v128.load32_splat(x0), w, a)
    x0 += 4
    x1 += 4
    x2 += 4
    x3 += 4
    P += 16
  }
  v128.store(Y, a)
  v128.store(Y + ldy, b)
  v128.store(Y + 2 * ldy, c)
  v128.store(Y + 3 * ldy, d)
  if (s) addSums(s, squares, sum4(a, b, c, d), square4(a, b, c, d))
}

// @ts-ignore: decorator
@inline
function tile1x8(K: i32, x: usize, P: usize, Y: usize, s: usize, squares: usize): void {
  let a0 = f32x4.splat(0)
  let a1 = a0
  for (let k = 0; k < K; k++, x += 4, P += 32) {
    const v = v128.load32_splat(x)
    a0 = madd(v, v128.load(P), a0)
    a1 = madd(v, v128.load(P, 16), a1)
  }
  v128.store(Y, a0)
  v128.store(Y, a1, 16)
  if (s) {
    addSums(s, squares, a0, f32x4.mul(a0, a0))
    addSums(s + 16, squares, a1, f32x4.mul(a1, a1))
  }
}

// @ts-ignore: decorator
@inline
function tile1x4(K: i32, x: usize, P: usize, Y: usize, s: usize, squares: usize): void {
  let a = f32x4.splat(0)
  for (let k = 0; k < K; k++, x += 4, P += 16) a = madd(v128.load32_splat(x), v128.load(P), a)
  v128.store(Y, a)
  if (s) addSums(s, squares, a, f32x4.mul(a, a))
}

/** O[K, N] += X[R, K] transposed * D[R, N]: the gradient of a weight matrix, one block of rows at a time. */
export function outerBlock(R: i32, N: i32, K: i32, X: usize, D: usize, O: usize): void {
  let n = 0
  for (; n + 8 <= N; n += 8) for (let k = 0; k < K; k += 4) outer4x8(R, N, K, X + bytes(k), D + bytes(n), O + bytes(k * N + n))
  if (n < N) for (let k = 0; k < K; k += 4) outer4x4(R, N, K, X + bytes(k), D + bytes(n), O + bytes(k * N + n))
}

// @ts-ignore: decorator
@inline
function outer4x8(R: i32, N: i32, K: i32, X: usize, D: usize, O: usize): void {
  const ldo = bytes(N)
  const ldx = bytes(K)
  const o1 = O + ldo
  const o2 = o1 + ldo
  const o3 = o2 + ldo
  let a0 = v128.load(O)
  let a1 = v128.load(O, 16)
  let b0 = v128.load(o1)
  let b1 = v128.load(o1, 16)
  let c0 = v128.load(o2)
  let c1 = v128.load(o2, 16)
  let d0 = v128.load(o3)
  let d1 = v128.load(o3, 16)
  const end = D + <usize>R * ldo
  while (D < end) {
    let v0 = v128.load(D)
    let v1 = v128.load(D, 16)
    let x = v128.load32_splat(X, 12)
    d1 = madd(x, v1, d1)
    d0 = madd(x, v0, d0)
    x = v128.load32_splat(X, 8)
    c1 = madd(x, v1, c1)
    c0 = madd(x, v0, c0)
    x = v128.load32_splat(X, 4)
    b1 = madd(x, v1, b1)
    b0 = madd(x, v0, b0)
    x = v128.load32_splat(X)
    a1 = madd(x, v1, a1)
    a0 = madd(x, v0, a0)
    X += ldx
    D += ldo
    if (D == end) break
    v0 = v128.load(D)
    v1 = v128.load(D, 16)
    x = v128.load32_splat(X, 12)
    d1 = madd(x, v1, d1)
    d0 = madd(x, v0, d0)
    x = v128.load32_splat(X, 8)
    c1 = madd(x, v1, c1)
    c0 = madd(x, v0, c0)
    x = v128.load32_splat(X, 4)
    b1 = madd(x, v1, b1)
    b0 = madd(x, v0, b0)
    x = v128.load32_splat(X)
    a1 = madd(x, v1, a1)
    a0 = madd(x, v0, a0)
    X += ldx
    D += ldo
  }
  v128.store(O, a0)
  v128.store(O, a1, 16)
  v128.store(o1, b0)
  v128.store(o1, b1, 16)
  v128.store(o2, c0)
  v128.store(o2, c1, 16)
  v128.store(o3, d0)
  v128.store(o3, d1, 16)
}

// @ts-ignore: decorator
@inline
function outer4x4(R: i32, N: i32, K: i32, X: usize, D: usize, O: usize): void {
  const ldo = bytes(N)
  const ldx = bytes(K)
  let a = v128.load(O)
  let b = v128.load(O + ldo)
  let c = v128.load(O + 2 * ldo)
  let d = v128.load(O + 3 * ldo)
  for (let r = 0; r < R; r++, X += ldx, D += ldo) {
    const v = v128.load(D)
    d = madd(v128.load32_splat(X, 12), v, d)
    c = madd(v128.load32_splat(X, 8), v, c)
    b = madd(v128.load32_splat(X, 4), v, b)
    a = madd(v128.load32_splat(X), v, a)
  }
  v128.store(O, a)
  v128.store(O + ldo, b)
  v128.store(O + 2 * ldo, c)
  v128.store(O + 3 * ldo, d)
}
