/**
 * Transcendental functions made only of + - * / and sqrt, which IEEE 754 fixes to the bit. `Math.exp` and its kin may differ between
 * JavaScript engines, so nothing that reaches a result uses them (test/determinism.test.ts enforces it).
 *
 * Algorithms and coefficients: FDLIBM 5.3 (Sun Microsystems, freely distributable). Error below 1 ulp in double precision for the ranges given.
 */

const LN2_HI = 6.9314718036912381649e-1
const LN2_LO = 1.90821492927058770002e-10

const f64 = new Float64Array(1)
const u32 = new Uint32Array(f64.buffer)

/** 2^k exactly, |k| <= 1022. */
function pow2(k: number): number {
  u32[0] = 0
  u32[1] = (k + 1023) << 20
  return f64[0]!
}

/** e^x. Overflows to Infinity above 709.78, underflows to 0 below -745. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x
  if (x > 709.782712893384) return Infinity
  if (x < -745.1332191019411) return 0
  const k = Math.round(x * 1.442695040888963387)
  const hi = x - k * LN2_HI
  const lo = k * LN2_LO
  const r = hi - lo
  const t = r * r
  const c =
    r -
    t *
      (1.66666666666666019037e-1 +
        t *
          (-2.77777777770155933842e-3 +
            t * (6.61375632143793436117e-5 + t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))))
  const y = 1 - (lo - (r * c) / (2 - c) - hi)
  if (k > 1000) return y * pow2(1000) * pow2(k - 1000)
  return k < -1000 ? y * pow2(-1000) * pow2(k + 1000) : y * pow2(k)
}

/** Natural logarithm; log(0) = -Infinity, NaN below 0. */
export function log(x: number): number {
  if (x < 0 || Number.isNaN(x)) return NaN
  if (x === 0) return -Infinity
  if (x === Infinity) return x
  let k = 0
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984 // 2^54: bring subnormals into range
    k = -54
  }
  f64[0] = x
  let hx = u32[1]!
  k += (hx >>> 20) - 1023
  hx &= 0xfffff
  const i = (hx + 0x95f64) & 0x100000 // normalise so that sqrt(2)/2 < 1+f < sqrt(2)
  u32[1] = hx | (i ^ 0x3ff00000)
  k += i >>> 20
  const f = f64[0]! - 1
  const s = f / (2 + f)
  const z = s * s
  const w = z * z
  const t1 = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1))
  const t2 =
    z * (6.66666666666673513e-1 + w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)))
  const r = t1 + t2
  const hfsq = 0.5 * f * f
  return k * LN2_HI - (hfsq - (s * (hfsq + r) + k * LN2_LO) - f)
}

const PIO2_1 = 1.57079632673412561417 // first 33 bits of pi/2
const PIO2_1T = 6.07710050650619224932e-11 // pi/2 - PIO2_1

/** Quarter turn and remainder in [-pi/4, pi/4]; good to 1e-10 absolute for |x| < 1e6, which covers every use here. */
function reduce(x: number): [quadrant: number, r: number] {
  const n = Math.round(x * 6.36619772367581382433e-1)
  return [((n % 4) + 4) % 4, x - n * PIO2_1 - n * PIO2_1T]
}

function kernelSin(x: number): number {
  const z = x * x
  return (
    x +
    x *
      z *
      (-1.66666666666666324348e-1 +
        z *
          (8.33333333332248946124e-3 +
            z *
              (-1.98412698298579493134e-4 +
                z * (2.75573137070700676789e-6 + z * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10)))))
  )
}

function kernelCos(x: number): number {
  const z = x * x
  return (
    1 -
    0.5 * z +
    z *
      z *
      (4.16666666666666019037e-2 +
        z *
          (-1.38888888888741095749e-3 +
            z *
              (2.48015872894767294178e-5 +
                z * (-2.75573143513906633035e-7 + z * (2.0875723212981748279e-9 + z * -1.13596475577881948265e-11)))))
  )
}

/** Sine, for |x| < 1e6. */
export function sin(x: number): number {
  const [q, r] = reduce(x)
  return q === 0 ? kernelSin(r) : q === 1 ? kernelCos(r) : q === 2 ? -kernelSin(r) : -kernelCos(r)
}

/** Cosine, for |x| < 1e6. */
export function cos(x: number): number {
  const [q, r] = reduce(x)
  return q === 0 ? kernelCos(r) : q === 1 ? -kernelSin(r) : q === 2 ? -kernelCos(r) : kernelSin(r)
}

/** x^y for x > 0 (relative error about |y log x| ulp: enough for schedules and mel scales). */
export const pow = (x: number, y: number): number => (y === 0 ? 1 : x === 0 ? 0 : exp(y * log(x)))

export const log10 = (x: number): number => log(x) * 4.34294481903251816668e-1
export const log2 = (x: number): number => log(x) * 1.442695040888963387

/** 2^n for a whole n, exactly. */
export function powerOfTwo(n: number): number {
  let power = 1
  for (let i = 0; i < n; i++) power *= 2
  for (let i = 0; i > n; i--) power /= 2
  return power
}

export const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x))
