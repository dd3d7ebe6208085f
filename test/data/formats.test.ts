import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BadFile } from '../../src/data/read/limits.ts'
import { readPicture } from '../../src/data/read/picture.ts'
import { readSoundFile } from '../../src/data/read/sound.ts'
import { type ForeignFile, foreignFile, foreignFiles } from './foreign-files.ts'

const names = Object.keys(foreignFiles) as ForeignFile[]
const pictureNames = names.filter((name) => !/\.(flac|ogg|mp3|opus)$/.test(name))
const soundNames = names.filter((name) => !pictureNames.includes(name))

type Colour = (y: number, x: number) => readonly [number, number, number]
const pixels = (colour: Colour) => Array.from({ length: 120 }, (_, i) => colour(Math.floor(i / 10), i % 10)).flat()
const few = pixels((y, x) => [(x % 3) * 100, (y % 2) * 200, ((x + y) % 3) * 90])
const smooth = pixels((y, x) => [x * 25, y * 20, x * y])
const deep = pixels((y, x) => {
  const gray = Math.round(((y * 5000 + x * 100) * 255) / 65535)
  return [gray, gray, gray]
})

describe('pictures of other programs', () => {
  test.each(pictureNames.filter((name) => name.startsWith('few')))('%s comes back exactly', async (name) => {
    const { height, width, rgb } = await readPicture(foreignFile(name))
    expect([height, width, [...rgb]]).toEqual([12, 10, few])
  })
  test.each(['deep.png', 'deep.tiff'] as const)('%s: 16 bits are brought to 8, rounded', async (name) =>
    expect([...(await readPicture(foreignFile(name))).rgb]).toEqual(deep),
  )
  test.each([
    ['smooth.webp', 4],
    ['smooth-cmyk.jpg', 2],
  ] as const)('%s within %i steps on average', async (name, most) => {
    const { rgb } = await readPicture(foreignFile(name))
    expect(rgb.reduce((sum, v, i) => sum + Math.abs(v - smooth[i]!), 0) / rgb.length).toBeLessThan(most)
  })
  test.each([
    ['few.bmp', 18, 'i32'],
    ['few.gif', 6, 'u16'],
  ] as const)('%s that claims a huge picture is refused before anything is allocated', async (name, at, kind) => {
    const data = Buffer.from(foreignFile(name))
    for (const k of [0, 1])
      if (kind === 'i32') data.writeInt32LE(60_000, at + 4 * k)
      else data.writeUInt16LE(60_000, at + 2 * k)
    await expect(readPicture(data)).rejects.toThrow(/60000 x 60000/)
  })
})

const sine = (count: number) =>
  Array.from({ length: count }, (_, n) => Math.round(16000 * Math.sin((2 * Math.PI * 440 * n) / 8000)) + 0)

describe('sounds of other programs', () => {
  test('FLAC has the bits of the WAV that it was made of', async () => {
    const { sampleRate, samples } = await readSoundFile(foreignFile('sine.flac'))
    expect([sampleRate, [...samples]]).toEqual([8000, sine(400).map((v) => Math.fround(v / 32768))])
  })
  test('channels are averaged; 24 bits keep their value', async () => {
    const { samples } = await readSoundFile(foreignFile('stereo24.flac'))
    expect([...samples]).toEqual(sine(400).map((v) => Math.fround((v + Math.floor(v / 2)) / 65536)))
  })
  test.each(['sine.ogg', 'sine.mp3'] as const)('%s keeps length and shape', async (name) => {
    const { sampleRate, samples } = await readSoundFile(foreignFile(name))
    expect([sampleRate, samples.length]).toEqual([8000, 1600])
    const middle = sine(1600)
      .map((v, n) => Math.abs(v / 32768 - samples[n]!))
      .slice(300, 1300)
    expect(Math.max(...middle)).toBeLessThan(0.05)
  })
  test('Opus says what to do', () => expect(readSoundFile(foreignFile('sine.opus'))).rejects.toThrow(/Ogg Opus: convert it/))
})

/** Mutated and truncated files give a value or the one error that readers are allowed, in time. */
async function survives(name: ForeignFile, read: (bytes: Uint8Array) => Promise<unknown>, numRuns: number): Promise<void> {
  const good = foreignFile(name)
  const change = fc.tuple(fc.oneof(fc.nat(Math.min(90, good.length - 1)), fc.nat(good.length - 1)), fc.nat(255))
  const property = fc.asyncProperty(
    fc.oneof(fc.constant(good.length), fc.nat(good.length)),
    fc.array(change, { maxLength: 6 }),
    async (length, changes) => {
      const data = Buffer.from(good.subarray(0, length))
      for (const [at, value] of changes) if (at < length) data[at] = value
      try {
        await read(data)
      } catch (error) {
        if (!(error instanceof BadFile)) throw error
      }
    },
  )
  await fc.assert(property, { numRuns })
}

describe('damaged files neither crash nor hang', () => {
  test.each(pictureNames)('%s', (name) => survives(name, readPicture, 200))
  test.each(soundNames)('%s', (name) => survives(name, readSoundFile, 40))
})
