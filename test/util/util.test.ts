import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nearestName, TinyfrontError } from '../../src/util/errors.ts'
import { canonicalJson, hashJson } from '../../src/util/hash.ts'
import { rng, shuffle } from '../../src/util/rng.ts'
import { formatBytes, parseBytes, parseMicrojoules, parseMilliseconds, parseSeconds } from '../../src/util/units.ts'

describe('units', () => {
  test('kB is 1000 bytes, KiB 1024', () => {
    expect([parseBytes('64kB'), parseBytes('64KiB'), parseBytes('1.5MB'), parseBytes('320B')]).toEqual([
      64000, 65536, 1500000, 320,
    ])
    expect([parseSeconds('10m'), parseSeconds('90s'), parseSeconds('1.5h')]).toEqual([600, 90, 5400])
    expect([parseMilliseconds('20ms'), parseMilliseconds('1s'), parseMilliseconds('500us')]).toEqual([20, 1000, 0.5])
    expect([parseMicrojoules('2mJ'), parseMicrojoules('500uJ')]).toEqual([2000, 500])
  })
  test('what is printed is understood again, to its three digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e8 }), (n) => {
        expect(Math.abs(parseBytes(formatBytes(n)) / n - 1)).toBeLessThan(0.006)
      }),
    )
  })
  test('milliseconds are read to the bit, whatever their size', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (ms) => {
        expect(parseMilliseconds(`${ms}ms`)).toBe(ms)
      }),
    )
    expect(parseMilliseconds('20.1ms')).toBe(20.1)
  })
  test.each([
    [() => parseSeconds('20'), 'duration "20" has no unit', 'write 20m or 20s'],
    [() => parseBytes('64'), 'size "64" has no unit', 'write 64kB or 64KiB'],
    [() => parseMilliseconds('20'), 'latency "20" has no unit', 'write 20ms or 20us'],
    [() => parseMicrojoules('5'), 'energy "5" has no unit', 'write 5uJ or 5mJ'],
  ])('a bare number is refused, with its two likely readings: %s', (parse, message, remedy) => {
    expect(parse).toThrow(expect.objectContaining({ message, remedy }))
  })
  test.each(['64 parsecs', '', '-3kB', '1e999kB', 'kB', 'e3kB'])('"%s" is refused with a remedy', (text) => {
    expect(() => parseBytes(text)).toThrow(TinyfrontError)
  })
})

describe('hash', () => {
  test('key order does not matter, values do', () => {
    expect(hashJson({ a: 1, b: [1, { c: 2, d: 3 }] })).toBe(hashJson({ b: [1, { d: 3, c: 2 }], a: 1 }))
    expect(hashJson({ a: 1 })).not.toBe(hashJson({ a: 2 }))
  })
  test('canonical JSON parses to the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (v) => {
        expect(JSON.parse(canonicalJson(v))).toEqual(JSON.parse(JSON.stringify(v)))
      }),
    )
  })
})

describe('rng', () => {
  test('same address, same stream; other address, other stream', () => {
    const draw = (...path: (string | number)[]) => Array.from({ length: 5 }, rng(7, ...path).next)
    expect(draw('propose', 3)).toEqual(draw('propose', 3))
    expect(draw('propose', 3)).not.toEqual(draw('propose', 4))
  })
  test('golden values: a change here changes every study', () => {
    const r = rng('golden', 'stream')
    expect([r.int(1000), r.int(1000), r.int(1000)]).toMatchInlineSnapshot(`
      [
        356,
        334,
        738,
      ]
    `)
  })
  test('normal has mean 0 and variance 1', () => {
    const r = rng(1, 'normal')
    const xs = Array.from({ length: 20000 }, () => r.normal())
    const mean = xs.reduce((a, b) => a + b) / xs.length
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(xs.reduce((a, b) => a + (b - mean) * (b - mean), 0) / xs.length - 1)).toBeLessThan(0.05)
  })
  test('shuffle is a permutation', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (a, s) => {
        expect(shuffle([...a], rng(s)).sort()).toEqual([...a].sort())
      }),
    )
  })
})

test('did you mean', () => {
  expect(nearestName('stm32f447', ['stm32f446', 'esp32', 'rp2040'])).toBe('stm32f446')
  expect(nearestName('zzzzzz', ['stm32f446', 'esp32'])).toBeUndefined()
})
