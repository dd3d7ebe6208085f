import fc from 'fast-check'
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import { describe, expect, test } from 'vitest'
import { BadFile } from '../../src/data/read/limits.ts'
import { readPicture } from '../../src/data/read/picture.ts'
import { openTree } from '../../src/data/read/tree.ts'
import { resizer } from '../../src/data/resize.ts'
import { pngBytes } from './make.ts'
import { datasetFile, hasDatasets } from './shared-datasets.ts'

describe.skipIf(!hasDatasets)('against pixels that libjpeg-turbo and PIL decoded (needs ../shared/datasets)', () => {
  const files = hasDatasets ? openTree(datasetFile('decoder-fixtures/decoder-fixtures.tar.gz')).files : []
  const pictures = files.filter((f) => /\.(png|jpg)$/.test(f.path))
  const reference = (path: string) => {
    const file = files.find((f) => f.path.startsWith(`${path}.`))!
    const [, kind, width, height] = /\.(rgb|gray)_(\d+)x(\d+)$/.exec(file.path)!
    return { channels: kind === 'rgb' ? 3 : 1, width: Number(width), height: Number(height), pixels: file.read() }
  }
  /** Mean and largest difference over all channels. */
  const compare = async (path: string) => {
    const { channels, width, height, pixels } = reference(path)
    const picture = await readPicture(pictures.find((p) => p.path === path)!.read())
    expect([picture.width, picture.height]).toEqual([width, height])
    const errors = Array.from(picture.rgb, (v, i) => Math.abs(v - pixels[channels === 3 ? i : Math.floor(i / 3)]!))
    return { mean: errors.reduce((a, b) => a + b) / errors.length, largest: errors.reduce((a, b) => Math.max(a, b)) }
  }
  const named = (pattern: RegExp) => pictures.map((p) => p.path).filter((p) => pattern.test(p))

  test.each(named(/\.png$/))('%s exactly', async (path) => expect((await compare(path)).largest).toBe(0))
  test.each(named(/(gray|444)\.jpg$/))('%s within 3 steps', async (path) =>
    expect((await compare(path)).largest).toBeLessThanOrEqual(3),
  )
  // jpeg-js repeats chroma pixels where libjpeg interpolates them: edges of colour differ, areas do not
  test.each(named(/(420|progressive)\.jpg$/))('%s within 1.5 steps on average', async (path) =>
    expect((await compare(path)).mean).toBeLessThan(1.5),
  )
})

/** A JPEG of four squares, red green / blue white, with an EXIF orientation (big- or little-endian TIFF). */
function oriented(orientation: number, little: boolean): Uint8Array {
  const colours = [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255]
  const data = Buffer.from(
    Array.from({ length: 16 * 24 * 4 }, (_, i) => {
      const [y, x] = [Math.floor(i / 4 / 24), Math.floor(i / 4) % 24]
      return colours[((y < 8 ? 0 : 2) + (x < 12 ? 0 : 1)) * 4 + (i % 4)]!
    }),
  )
  const plain = jpeg.encode({ width: 24, height: 16, data }, 95).data
  const exif = Buffer.alloc(36)
  exif.writeUInt16BE(0xffe1, 0)
  exif.writeUInt16BE(34, 2)
  exif.write('Exif', 4, 'latin1')
  const two = (value: number, at: number) => (little ? exif.writeUInt16LE(value, at) : exif.writeUInt16BE(value, at))
  exif.write(little ? 'II' : 'MM', 10, 'latin1')
  two(42, 12)
  two(8, little ? 14 : 16) // offset of the directory, four bytes
  two(1, 18)
  two(0x0112, 20)
  two(3, 22)
  two(1, little ? 24 : 26)
  two(orientation, 28)
  return Buffer.concat([plain.subarray(0, 2), exif, plain.subarray(2)])
}

// where red, green, blue and white go, by the definition of the tag: the 0th row and column of the file lie at the stated side of the scene
test.each([
  [1, 'RGBW'],
  [2, 'GRWB'],
  [3, 'WBGR'],
  [4, 'BWRG'],
  [5, 'RBGW'],
  [6, 'BRWG'],
  [7, 'WGBR'],
  [8, 'GWRB'],
])('a photograph of EXIF orientation %i is turned upright', async (orientation, expected) => {
  for (const little of [true, false]) {
    const { height, width, rgb } = await readPicture(oriented(orientation, little))
    expect([height, width]).toEqual(orientation < 5 ? [16, 24] : [24, 16])
    const name = (y: number, x: number) => {
      const [r, g, b] = rgb.subarray((Math.floor(height * y) * width + Math.floor(width * x)) * 3)
      return r! > 128 ? (g! > 128 ? 'W' : 'R') : g! > b! ? 'G' : 'B'
    }
    expect(name(0.2, 0.2) + name(0.2, 0.8) + name(0.8, 0.2) + name(0.8, 0.8)).toBe(expected)
  }
})

test('PNG pixels come back exactly; transparency is dropped', async () => {
  const { height, width, rgb } = await readPicture(pngBytes(2, 3, (y, x) => [y * 100, x * 50, 7]))
  expect([height, width, [...rgb.subarray(9, 18)]]).toEqual([2, 3, [100, 0, 7, 100, 50, 7, 100, 100, 7]])
})

test('a header that claims a huge picture is refused before anything is allocated', async () => {
  const data = pngBytes(2, 2, () => [0, 0, 0])
  data.writeUInt32BE(60_000, 16)
  data.writeUInt32BE(60_000, 20)
  await expect(readPicture(data)).rejects.toThrow(/60000 x 60000/)
})

test('mutated and truncated pictures never crash', async () => {
  const png = PNG.sync.write(new PNG({ width: 8, height: 8 }))
  await fc.assert(
    fc.asyncProperty(
      fc.nat(png.length),
      fc.array(fc.tuple(fc.nat(png.length - 1), fc.nat(255)), { maxLength: 4 }),
      async (length, changes) => {
        const data = Buffer.from(png.subarray(0, length))
        for (const [at, value] of changes) if (at < length) data[at] = value
        try {
          await readPicture(data)
        } catch (error) {
          if (!(error instanceof BadFile)) throw error
        }
      },
    ),
    { numRuns: 200 },
  )
})

describe('resizing', () => {
  test('halving averages four pixels; doubling keeps the middle of edges', () => {
    const out = new Float64Array(1)
    resizer([2, 2], [1, 1], 1)([10, 20, 30, 40], 0, out)
    expect(out[0]).toBe(25)
    const wide = new Float64Array(4)
    resizer([1, 2], [1, 4], 1)([0, 100], 0, wide)
    expect([...wide]).toEqual([0, 25, 75, 100])
  })
  test('by 2/3, pixels count by the part that is covered', () => {
    const out = new Float64Array(2)
    resizer([1, 3], [1, 2], 1)([0, 30, 90], 0, out)
    expect(out[0]).toBeCloseTo(10, 12) // (0 * 1 + 30 * 0.5) / 1.5
    expect(out[1]).toBeCloseTo(70, 12)
  })
  const sides = fc.integer({ min: 1, max: 12 })
  test('a plain picture stays plain, and shrinking keeps the mean', () =>
    fc.assert(
      fc.property(sides, sides, sides, sides, fc.integer({ min: 1, max: 3 }), (h, w, oh, ow, c) => {
        const plain = new Float64Array(oh * ow * c)
        resizer([h, w], [oh, ow], c)(new Float64Array(h * w * c).fill(42), 0, plain)
        for (const v of plain) expect(v).toBeCloseTo(42, 9)
        const source = Float64Array.from({ length: h * w * c }, (_, i) => (i * 37) % 101)
        if (oh > h || ow > w) return
        resizer([h, w], [oh, ow], c)(source, 0, plain)
        const mean = (a: Float64Array) => a.reduce((x, y) => x + y) / a.length
        expect(mean(plain)).toBeCloseTo(mean(source), 9)
      }),
    ))
})
