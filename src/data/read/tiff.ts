import { BadFile, checkPixels } from './limits.ts'
import { optional } from './optional.ts'
import type { Picture } from './picture.ts'

/** The first page of a TIFF, 8, 16 or 32 bits, gray, palette or colour. @throws BadFile */
export async function readTiff(bytes: Uint8Array): Promise<Picture> {
  const { decode } = await optional('TIFF', 'tiff', () => import('tiff'))
  const [header] = decode(bytes, { pages: [0], ignoreImageData: true })
  if (!header) throw new BadFile('TIFF without a page')
  checkPixels(header.height, header.width)
  const [page] = decode(bytes, { pages: [0] })
  const { width, height, data, samplesPerPixel, bitsPerSample, palette, type } = page!
  const pixels = width * height
  if (data.length < pixels * samplesPerPixel) throw new BadFile('TIFF with fewer pixels than it claims')
  const rgb = new Uint8Array(pixels * 3)
  const colours = samplesPerPixel >= 3 ? 3 : 1
  // type 0: white is zero
  const byte = (value: number) => (type === 0 ? 255 - inByte(value, bitsPerSample) : inByte(value, bitsPerSample))
  for (let p = 0; p < pixels; p++)
    for (let c = 0; c < 3; c++) {
      const value = data[p * samplesPerPixel + (c % colours)]!
      rgb[3 * p + c] = palette ? (palette[value]?.[c] ?? 0) >> 8 : byte(value)
    }
  return { height, width, rgb }
}

/** 65535 is 255; floats count from 0 to 1. */
const inByte = (value: number, bits: number): number =>
  bits === 8 ? value : bits === 16 ? Math.floor((value * 255) / 65535 + 0.5) : Math.max(0, Math.min(255, Math.round(value * 255)))
