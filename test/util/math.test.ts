import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cos, exp, log, log2, log10, pow, sin } from '../../src/util/math.ts'

const close = (ours: number, theirs: number, relative: number): void => {
  expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(relative * Math.max(Math.abs(theirs), 1e-300))
}
const range = (min: number, max: number) => fc.double({ min, max, noNaN: true })

test('exp and log agree with the host to 2 ulp over their whole range', () => {
  fc.assert(
    fc.property(range(-700, 709), (x) => {
      close(exp(x), Math.exp(x), 5e-16)
    }),
    { numRuns: 5000 },
  )
  fc.assert(
    fc.property(range(1e-300, 1e300), (x) => {
      close(log(x), Math.log(x), 5e-16)
    }),
    { numRuns: 5000 },
  )
})

test('sin and cos agree with the host to 1e-10 for |x| < 1e6', () => {
  fc.assert(
    fc.property(range(-1e6, 1e6), (x) => {
      expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(1e-10)
      expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThan(1e-10)
    }),
    { numRuns: 5000 },
  )
})

test('pow, log2 and log10 agree with the host', () => {
  const within = (ours: number, theirs: number, bound: number): void => {
    expect(Math.abs(ours - theirs)).toBeLessThan(bound)
  }
  fc.assert(fc.property(range(1e-3, 1e3), range(-20, 20), (x, y) => close(pow(x, y), x ** y, 1e-12)))
  fc.assert(fc.property(range(1e-10, 1e10), (x) => within(log2(x), Math.log2(x), 1e-13)))
  fc.assert(fc.property(range(1e-10, 1e10), (x) => within(log10(x), Math.log10(x), 1e-13)))
})

test('edges', () => {
  expect([exp(0), exp(710), exp(-750), log(0), log(1)]).toEqual([1, Infinity, 0, -Infinity, 0])
  expect(log(-1)).toBeNaN()
  expect(log(5e-324)).toBeCloseTo(Math.log(5e-324), 10)
  expect(exp(-740)).toBeGreaterThan(0)
})
