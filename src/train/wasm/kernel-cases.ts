import type { Random } from '../../util/rng.ts'
import type { FloatKernels } from './kernels.ts'

/** The float kernels that `native/float` has; losses work on a handful of logits and stay in WebAssembly. */
export type NativeFloatKernel = Exclude<keyof FloatKernels, 'crossEntropy' | 'huber' | 'softmax'>

/** One call of a kernel. Its operands lie below `end`. */
export type KernelCase = { readonly args: readonly number[]; readonly end: number }

type Maker = {
  readonly random: Random
  /** 1 to `most`. */
  upTo(most: number): number
  /** A multiple of 4. */
  channels(): number
  /** Address of n floats of any value, NaN and infinities among them where the memory holds such. */
  floats(n: number): number
  positive(n: number): number
  doubles(n: number, least?: number): number
  /** A code, or the address of a grid. */
  activation(): number
  /** `address()` or 0. */
  maybe(address: () => number): number
}

/** A random call of `kernel`, its operands laid out in `memory` from byte `start` on; whatever lies there is the operands' value. */
export function kernelCase(kernel: NativeFloatKernel, random: Random, memory: ArrayBuffer, start: number): KernelCase {
  let at = (start + 63) & ~63
  const take = (bytes: number) => {
    const address = at
    // A line between operands: what is written beyond one shows.
    at += (bytes + 127) & ~63
    if (at > memory.byteLength) throw new RangeError(`${kernel}: a case needs more than ${memory.byteLength} bytes`)
    return address
  }
  const floats = (n: number) => take(4 * n)
  const maker: Maker = {
    random,
    upTo: (most) => 1 + random.int(most),
    channels: () => 4 * (1 + random.int(10)),
    floats,
    positive(n) {
      const address = floats(n)
      const values = new Float32Array(memory, address, n)
      values.forEach((v, i) => {
        values[i] = Math.abs(v)
      })
      return address
    },
    doubles(n, least = -8) {
      const address = take(8 * n)
      const values = new Float64Array(memory, address, n)
      for (let i = 0; i < n; i++) values[i] = least + (8 - least) * random.next()
      return address
    },
    activation() {
      const code = random.int(5)
      if (code < 4) return code
      const address = floats(4)
      const step = 0.01 + random.next() / 8
      new Float32Array(memory, address, 4).set([-128 * step, 127 * step, 1 / step, step])
      return address
    },
    maybe: (address) => (random.int(3) > 0 ? address() : 0),
  }
  const args = makers[kernel](maker)
  return { args, end: at }
}

type Axis = {
  readonly size: number
  readonly k: number
  readonly s: number
  readonly before: number
  readonly out: number
  readonly padded: number
}

/** One axis of a window over an image, padded as SAME or not at all. */
function axis({ random, upTo }: Maker, most: number): Axis {
  const k = random.pick([1, 2, 3, 3, 4, 5, 6, 7, 9])
  const s = random.pick([1, 1, 2, 2, 3])
  const same = random.int(2) === 0
  const size = same ? upTo(most) : k - 1 + upTo(most)
  const out = same ? Math.ceil(size / s) : Math.floor((size - k) / s) + 1
  const before = same ? Math.floor(Math.max(0, (out - 1) * s + k - size) / 2) : 0
  return { size, k, s, before, out, padded: Math.max((out - 1) * s + k, before + size) }
}

const window = (h: Axis, w: Axis) => [h.k, w.k, h.s, w.s, h.before, w.before]

/** dy, z, affine, coefficients and activation of a layer with N channels. */
const output = (m: Maker, rows: number, N: number) => [
  m.floats(rows * N),
  m.floats(rows * N),
  m.floats(4 * N),
  m.floats(2 * N),
  m.activation(),
]

/** Address of an affine map, or 0. */
const affineOf = (m: Maker, C: number) => m.maybe(() => m.floats(4 * C))

function matrix(m: Maker): { M: number; N: number; K: number; rows: number } {
  return { M: m.upTo(60), N: m.channels(), K: m.channels(), rows: m.random.pick([12, 24, 96]) }
}

function conv(m: Maker) {
  const [h, w] = [axis(m, 7), axis(m, 7)]
  const CS = m.random.pick([1, 2, 3, 4, 8, 12])
  const C = CS % 4 === 0 ? CS - m.random.int(4) : CS
  const [count, N] = [m.upTo(2), m.channels()]
  const K = (h.k * w.k * C + 3) & ~3
  const shape = [count, h.size, w.size, C, CS, ...window(h, w), h.padded, w.padded, h.out, w.out, N, K]
  return {
    h,
    w,
    C,
    CS,
    count,
    N,
    K,
    shape,
    rows: m.random.pick([12, 24]),
    image: h.padded * w.padded * CS,
    pixels: count * h.out * w.out,
  }
}

function depthwise(m: Maker) {
  const [h, w] = [axis(m, 9), axis(m, 20)]
  const [count, C] = [m.upTo(2), m.channels()]
  const shape = [count, h.size, w.size, C, ...window(h, w), h.padded, w.padded, h.out, w.out]
  const around = (a: Axis) => a.out + 2 * (Math.floor((a.k - 1) / a.s) + 1)
  const scratch = 16 * (h.padded * w.padded + around(h) * around(w) + h.k * w.k * Math.ceil(C / 16))
  return {
    C,
    shape,
    scratch,
    taps: h.k * w.k,
    x: count * h.size * w.size * C,
    z: count * h.out * w.out * C,
    rows: count * h.out * w.out,
  }
}

function pool(m: Maker) {
  const [h, w] = [axis(m, 6), axis(m, 6)]
  const [count, C] = [m.upTo(2), m.channels()]
  return {
    shape: [count, h.size, w.size, C, ...window(h, w), h.out, w.out],
    x: count * h.size * w.size * C,
    y: count * h.out * w.out * C,
  }
}

const makers: { readonly [K in NativeFloatKernel]: (m: Maker) => number[] } = {
  matrixForward(m) {
    const { M, N, K, rows } = matrix(m)
    const input = [m.floats(M * K), affineOf(m, K), m.activation()]
    const S = m.maybe(() => m.doubles(2 * N))
    return [M, N, K, ...input, m.floats(K * N), m.floats(M * N), S, m.floats(2 * N), rows, m.floats(rows * K)]
  },
  matrixBackward(m) {
    const { M, N, K, rows } = matrix(m)
    const inAffine = affineOf(m, K)
    const dX = m.maybe(() => m.floats(M * K))
    const inS = dX && inAffine ? m.doubles(2 * K) : 0
    const [packed, dW, partial, scratch] = [m.floats(K * N), m.floats(K * N), m.floats(2 * K), m.floats(rows * (N + K))]
    return [
      M,
      N,
      K,
      ...output(m, M, N),
      m.floats(M * K),
      inAffine,
      m.activation(),
      packed!,
      dW!,
      dX,
      inS,
      partial!,
      rows,
      scratch!,
    ]
  },
  convForward(m) {
    const { shape, CS, N, K, rows, image, pixels, count, h, w } = conv(m)
    const input = [m.floats(count * h.size * w.size * CS + 4), CS % 4 === 0 ? affineOf(m, CS) : 0, m.activation()]
    const S = m.maybe(() => m.doubles(2 * N))
    return [
      ...shape,
      ...input,
      m.floats(K * N),
      m.floats(pixels * N),
      S,
      m.floats(2 * N),
      rows,
      m.floats(2 * image + rows * (2 * K + N) + 16),
    ]
  },
  convBackward(m) {
    const { shape, CS, N, K, rows, image, pixels, count, h, w } = conv(m)
    const x = count * h.size * w.size * CS
    const inAffine = CS % 4 === 0 ? affineOf(m, CS) : 0
    const dX = m.maybe(() => m.floats(x))
    const inS = dX && inAffine ? m.doubles(2 * CS) : 0
    const own = [...output(m, pixels, N), m.floats(x + 4), inAffine, m.activation()]
    return [
      ...shape,
      ...own,
      m.floats(K * N),
      m.floats(K * N),
      dX,
      inS,
      m.floats(2 * CS + 4),
      rows,
      m.floats(2 * image + rows * (2 * K + N) + 16),
    ]
  },
  depthwiseForward(m) {
    const { shape, C, taps, x, z, scratch } = depthwise(m)
    const input = [m.floats(x), affineOf(m, C), m.activation()]
    const S = m.maybe(() => m.doubles(2 * C))
    return [...shape, ...input, m.floats(taps * C), m.floats(z), S, m.floats(2 * C), m.floats(scratch)]
  },
  depthwiseBackward(m) {
    const { shape, C, taps, x, rows, scratch } = depthwise(m)
    const inAffine = affineOf(m, C)
    const dX = m.maybe(() => m.floats(x))
    const inS = dX && inAffine ? m.doubles(2 * C) : 0
    const own = [...output(m, rows, C), m.floats(x), inAffine, m.activation()]
    return [...shape, ...own, m.floats(taps * C), m.floats(taps * C), dX, inS, m.floats(2 * C), m.floats(scratch)]
  },
  snapColumns(m) {
    const [K, N] = [m.upTo(20), m.channels()]
    return [K, N, m.floats(K * N), m.random.int(2), m.random.int(2) === 0 ? 127 : 7, m.floats(K * N)]
  },
  pack: (m) => packing(m),
  packTransposed: (m) => packing(m),
  normPrepare(m) {
    const C = m.channels()
    const [keep, epsilon] = [m.random.next(), 0.001]
    const own = [m.floats(C), m.floats(C), m.floats(C), m.positive(C)]
    return [m.upTo(20), C, m.doubles(2 * C), ...own, keep, epsilon, m.floats(4 * C)]
  },
  normFreeze(m) {
    const C = m.channels()
    return [C, m.floats(C), m.floats(C), m.floats(C), m.positive(C), 0.001, m.floats(4 * C)]
  },
  biasPrepare(m) {
    const C = m.channels()
    return [C, m.floats(C), m.floats(4 * C)]
  },
  normApply(m) {
    const [M, C] = [m.upTo(40), m.channels()]
    return [M, C, m.floats(M * C), m.floats(4 * C), m.activation(), m.floats(M * C)]
  },
  normReduce(m) {
    const [M, C] = [m.upTo(150), m.channels()]
    return [M, C, m.floats(M * C), m.floats(M * C), m.floats(4 * C), m.activation(), m.doubles(2 * C), m.floats(2 * C)]
  },
  rescaleAffine(m) {
    const C = m.channels()
    return [C, C - m.random.int(4), 1 / 6, 0.5, m.floats(4 * C)]
  },
  normGradient(m) {
    const C = m.channels()
    const dgamma = m.maybe(() => m.floats(C))
    return [m.upTo(50), C, m.doubles(2 * C), m.floats(4 * C), m.random.int(2), dgamma, m.floats(C), m.floats(2 * C)]
  },
  averageForward(m) {
    const { shape, x, y } = pool(m)
    return [...shape, m.floats(x), m.activation(), m.floats(y)]
  },
  averageBackward(m) {
    const { shape, x, y } = pool(m)
    return [...shape, m.floats(y), m.activation(), m.floats(y), m.floats(x)]
  },
  maxForward(m) {
    const { shape, x, y } = pool(m)
    return [...shape, m.floats(x), m.activation(), m.floats(y)]
  },
  maxBackward(m) {
    const { shape, x, y } = pool(m)
    return [...shape, m.floats(x), m.floats(y), m.activation(), m.floats(y), m.floats(x)]
  },
  meanForward(m) {
    const [count, pixels, C] = [m.upTo(4), m.upTo(30), m.channels()]
    return [count, pixels, C, m.floats(count * pixels * C), m.floats(count * C)]
  },
  meanBackward(m) {
    const [count, pixels, C] = [m.upTo(4), m.upTo(30), m.channels()]
    return [count, pixels, C, m.floats(count * C), m.floats(count * pixels * C)]
  },
  addForward(m) {
    const [M, C] = [m.upTo(40), m.channels()]
    const operand = () => [m.floats(M * C), affineOf(m, C), m.activation()]
    return [M, C, ...operand(), ...operand(), m.activation(), m.floats(M * C)]
  },
  mulForward(m) {
    const [count, pixels, C] = [m.upTo(4), m.upTo(20), m.channels()]
    return [count, pixels, C, m.floats(count * pixels * C), m.floats(count * C), m.activation(), m.floats(count * pixels * C)]
  },
  mulBackward(m) {
    const [count, pixels, C] = [m.upTo(4), m.upTo(20), m.channels()]
    const all = count * pixels * C
    const wanted = [m.maybe(() => m.floats(all)), m.maybe(() => m.floats(count * C))]
    return [count, pixels, C, m.floats(all), m.floats(all), m.floats(count * C), ...wanted]
  },
  hardSwishForward(m) {
    const [M, C] = [m.upTo(40), m.channels()]
    return [M, C, m.floats(M * C), affineOf(m, C), m.activation(), m.activation(), m.floats(M * C)]
  },
  hardSwishBackward(m) {
    const [M, C] = [m.upTo(40), m.channels()]
    return [M, C, m.floats(M * C), affineOf(m, C), m.activation(), m.floats(M * C), m.floats(M * C)]
  },
  maskBackward(m) {
    const n = 4 * m.upTo(60)
    const dy = m.floats(n)
    return [n, m.floats(n), m.activation(), dy, m.maybe(() => m.floats(n)) || dy]
  },
  activateInPlace(m) {
    const n = 4 * m.upTo(60)
    return [n, m.floats(n), m.activation()]
  },
  addInto(m) {
    const n = 4 * m.upTo(60)
    return [n, m.floats(n), m.floats(n)]
  },
  sum(m) {
    const n = 4 * m.upTo(60)
    return [n, m.floats(n), m.floats(n), m.floats(n)]
  },
  scale(m) {
    const n = 4 * m.upTo(60)
    return [n, m.floats(n), 1 / 3]
  },
  fill(m) {
    const n = m.upTo(60)
    return [n, m.floats(n), m.random.next()]
  },
  restride(m) {
    const [rows, from, to] = [m.upTo(20), m.upTo(20), m.upTo(20)]
    return [rows, from, to, m.floats(rows * from), m.floats(rows * to)]
  },
  squaredNorm(m) {
    const n = 4 * m.upTo(100)
    return [n, m.floats(n)]
  },
  sgd(m) {
    const n = 4 * m.upTo(60)
    return [n, m.floats(n), m.floats(n), m.floats(n), m.random.next(), m.random.next(), m.random.next(), m.random.next()]
  },
  adamw(m) {
    const n = 4 * m.upTo(60)
    const rates = [
      m.random.next() / 100,
      0.9,
      0.999,
      1e-7,
      1 + 9 * m.random.next(),
      1 + 999 * m.random.next(),
      m.random.next(),
      m.random.next(),
    ]
    return [n, m.floats(n), m.floats(n), m.floats(n), m.positive(n), ...rates]
  },
}

function packing(m: Maker): number[] {
  const [K, N] = [m.channels(), m.channels()]
  return [K, N, m.floats(K * N), m.floats(K * N)]
}

export const nativeFloatKernels = Object.keys(makers) as readonly NativeFloatKernel[]
