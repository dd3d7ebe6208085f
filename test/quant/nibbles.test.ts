import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packNibbles, unpackNibbles } from '../../src/quant/nibbles.ts'

const nibbles = fc.array(fc.integer({ min: -8, max: 7 })).map((values) => Int8Array.from(values))

test('weights in 4 bits come back as they were, two a byte', () => {
  fc.assert(
    fc.property(nibbles, (values) => {
      const bytes = packNibbles(values)
      expect(bytes.length).toBe(Math.ceil(values.length / 2))
      expect(unpackNibbles(bytes, values.length)).toEqual(values)
    }),
  )
})

test('the low half of a byte is first, and an odd one is followed by zero', () => {
  expect(Array.from(packNibbles(Int8Array.of(1, -1, -8)))).toEqual([0xf1, 0x08])
})
