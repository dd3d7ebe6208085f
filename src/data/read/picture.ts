import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import { orientationOf, upright } from './exif.ts'
import { BadFile, limits } from './limits.ts'

/** Pixels row by row, red green blue; transparency is dropped. */
export type Picture = { readonly height: number; readonly width: number; readonly rgb: Uint8Array }

/** Decodes PNG or JPEG by content; photographs are turned upright. The size is read from the header and checked before anything is allocated. @throws BadFile */
export function readPicture(bytes: Uint8Array): Picture {
  const kind = bytes[0] === 0x89 && bytes[1] === 0x50 ? 'png' : bytes[0] === 0xff && bytes[1] === 0xd8 ? 'jpeg' : undefined
  if (!kind) throw new BadFile('neither PNG nor JPEG')
  try {
    return kind === 'png' ? readPng(bytes) : readJpeg(bytes)
  } catch (cause) {
    throw cause instanceof BadFile ? cause : new BadFile(`broken ${kind.toUpperCase()} (${firstLine(cause)})`)
  }
}

const firstLine = (cause: unknown): string => String((cause as Error)?.message ?? cause).split('\n')[0]!

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

function checkPixels(height: number, width: number): void {
  if (height < 1 || width < 1 || height * width > limits.pixels) throw new BadFile(`picture of ${height} x ${width} pixels`)
}
