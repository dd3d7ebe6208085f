import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cifarCount, readCifar } from '../../src/data/read/cifar.ts'
import { readIdx } from '../../src/data/read/idx.ts'
import { BadFile } from '../../src/data/read/limits.ts'
import { readNpy } from '../../src/data/read/npy.ts'
import { readTable } from '../../src/data/read/table.ts'
import { readWav } from '../../src/data/read/wav.ts'
import { npyBytes, wavBytes } from './make.ts'

const bytes = (...parts: (number | readonly number[] | string)[]) =>
  Uint8Array.from(parts.flatMap((p) => (typeof p === 'string' ? [...Buffer.from(p, 'latin1')] : p)))

describe('IDX', () => {
  const good = bytes(0, 0, 8, 3, [0, 0, 0, 2], [0, 0, 0, 1], [0, 0, 0, 3], [1, 2, 3, 4, 5, 255])
  test('gives sizes and values', () => {
    const { dims, data } = readIdx(good)
    expect(dims).toEqual([2, 1, 3])
    expect([...data]).toEqual([1, 2, 3, 4, 5, 255])
  })
  test.each([
    ['truncated', good.subarray(0, 20), /should have 22 bytes, has 20/],
    ['another type', bytes(0, 0, 0x0d, 1, [0, 0, 0, 1], [0, 0, 0, 0]), /unsigned bytes/],
    [
      'a huge declared size',
      bytes(0, 0, 8, 3, [255, 255, 255, 255], [255, 255, 255, 255], [255, 255, 255, 255], [0]),
      /should have/,
    ],
    ['no IDX at all', bytes('hello world'), /not an IDX/],
    ['nothing', bytes(), /not an IDX/],
  ])('refuses %s', (_, data, message) => expect(() => readIdx(data)).toThrow(message))
})

test('CIFAR records become pictures with channels last', () => {
  const record = (label: number) => [label, ...Array.from({ length: 3072 }, (_, i) => (i * 7) & 255)]
  const data = Uint8Array.from([...record(3), ...record(9)])
  expect(cifarCount(data)).toBe(2)
  const [images, labels] = [new Uint8Array(2 * 3072), new Int32Array(2)]
  readCifar(data, images, labels, 0)
  expect([...labels]).toEqual([3, 9])
  // pixel 5 of the second picture: byte 5 of the red, green and blue planes
  expect([...images.subarray(3072 + 15, 3072 + 18)]).toEqual([5, 5 + 1024, 5 + 2048].map((i) => (i * 7) & 255))
  expect(() => cifarCount(data.subarray(1))).toThrow(BadFile)
  expect(() => readCifar(Uint8Array.from(record(10)), images, labels, 0)).toThrow(/label 10/)
})

describe('WAV', () => {
  test.each([
    [8, 1, [0, 128, 255], [-1, 0, 127 / 128]],
    [16, 1, [-32768, 0, 32767], [-1, 0, 32767 / 32768]],
    [24, 1, [-8388608, -1, 8388607], [-1, -1 / 8388608, 8388607 / 8388608]],
    [32, 1, [-2147483648, 0, 1073741824], [-1, 0, 0.5]],
    [32, 3, [-1, 0.25, 0.5], [-1, 0.25, 0.5]],
    [64, 3, [-1, 0.25, 0.5], [-1, 0.25, 0.5]],
  ] as const)('of %i bits, format %i', (bits, code, raw, expected) => {
    const { sampleRate, samples } = readWav(wavBytes({ rate: 8000, bits, code, values: raw }))
    expect(sampleRate).toBe(8000)
    expect([...samples]).toEqual([...Float32Array.from(expected)])
  })
  test('channels are averaged; extensible headers and odd chunks are understood', () => {
    const plain = wavBytes({
      rate: 16000,
      bits: 16,
      code: 1,
      channels: 2,
      values: [8192, 16384, -8192, 8192],
      extensible: true,
      junk: 3,
    })
    expect([...readWav(plain).samples]).toEqual([0.375, 0])
  })
  test('an overlong data chunk is read as far as it goes', () => {
    const whole = wavBytes({ rate: 16000, bits: 16, code: 1, values: [1, 2, 3, 4] })
    expect(readWav(whole.subarray(0, whole.length - 2)).samples).toHaveLength(3)
  })
  test('mutated files never crash', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(51), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const data = wavBytes({ rate: 16000, bits: 16, code: 1, values: [1, 2, 3, 4] })
        for (const [at, value] of changes) data[at] = value
        survives(() => readWav(data))
      }),
    ))
})

describe('npy', () => {
  test.each(['<i2', '<f4', '<f8', '|u1'] as const)('of %s', (type) => {
    const array = readNpy(npyBytes(type, [2, 3], [1, 2, 3, 4, 5, 6]))
    expect([array.rows, array.columns, array.at(1, 0), array.at(0, 2)]).toEqual([2, 3, 4, 3])
  })
  test('one dimension is one channel', () => {
    const array = readNpy(npyBytes('<i2', [3], [-5, 0, 7]))
    expect([array.rows, array.columns, array.at(0, 0), array.at(2, 0)]).toEqual([3, 1, -5, 7])
  })
  test('a shape that does not match the length is refused', () =>
    expect(() => readNpy(npyBytes('<i2', [99_999_999], [1]))).toThrow(/does not match/))
  test('mutated headers never crash', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(79), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const data = npyBytes('<i2', [2, 2], [1, 2, 3, 4])
        for (const [at, value] of changes) data[at] = value
        survives(() => readNpy(data))
      }),
    ))
})

describe('tables', () => {
  const read = (text: string) => readTable(Buffer.from(text))
  test.each([
    ['a,b\n1,2\n', ['a', 'b'], [['1', '2']]],
    [
      '1;2\r\n3;4\r\n',
      undefined,
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['t\tlabel\n1\twalk\n', ['t', 'label'], [['1', 'walk']]],
    [
      '1 2\n3 4\n',
      undefined,
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      '  1.5e-1  -2 \n 3   4\n',
      undefined,
      [
        ['1.5e-1', '-2'],
        ['3', '4'],
      ],
    ],
    ['\ufeffx,"a ""b"""\n1,2\n', ['x', 'a "b"'], [['1', '2']]],
  ])('%j', (text, header, rows) => expect(read(text)).toEqual({ header, rows }))
  test('ragged rows and empty files are refused', () => {
    expect(() => read('a,b\n1,2,3\n')).toThrow(BadFile)
    expect(() => read('\n\n')).toThrow(/empty/)
  })
})

/** Either a value or the one error that readers are allowed. */
function survives(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof BadFile)) throw error
  }
}
