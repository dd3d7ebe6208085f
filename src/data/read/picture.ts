import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import { readBmp } from './bmp.ts'
import { type Kind, readByMark } from './by-mark.ts'
import { orientationOf, upright } from './exif.ts'
import { readGif } from './gif.ts'
import { BadFile, checkPixels, limits } from './limits.ts'
import { readTiff } from './tiff.ts'
import { readWebp } from './webp.ts'

export const imageFiles = /\.(png|jpe?g|webp|bmp|gif|tiff?)$/i

/** Pixels row by row, red green blue; transparency is dropped. */
export type Picture = { readonly height: number; readonly width: number; readonly rgb: Uint8Array }

/** Kinds by their first bytes. */
const kinds: readonly Kind<Picture>[] = [
  { name: 'PNG', mark: /^\x89P/, read: readPng },
  { name: 'JPEG', mark: /^\xff\xd8/, read: readJpeg },
  { name: 'WebP', mark: /^RIFF[\s\S]{4}WEBP/, read: readWebp },
  { name: 'GIF', mark: /^GIF8[79]a/, read: readGif },
  { name: 'BMP', mark: /^BM/, read: readBmp },
  { name: 'TIFF', mark: /^(II\*\0|MM\0\*)/, read: readTiff },
]

/**
 * Decodes a picture by content; photographs are turned upright. The size is read from the header and checked before anything is allocated.
 * @throws BadFile; TinyfrontError where a decoder is not installed
 */
export const readPicture = (bytes: Uint8Array): Promise<Picture> => readByMark(bytes, kinds)

function readPng(bytes: Uint8Array): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 33) throw new BadFile('PNG ends inside its header')
  checkPixels(view.getUint32(20), view.getUint32(16))
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const rgb = new Uint8Array(width * height * 3)
  for (let p = 0; p < width * height; p++) for (let c = 0; c < 3; c++) rgb[3 * p + c] = data[4 * p + c]!
  return { height, width, rgb }
}

function readJpeg(bytes: Uint8Array): Picture {
  const { width, height, data } = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: limits.pixels / 1e6,
    maxMemoryUsageInMB: 1024,
  })
  checkPixels(height, width)
  return upright({ height, width, rgb: data }, orientationOf(bytes))
}
