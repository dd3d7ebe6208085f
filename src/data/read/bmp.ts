import { BadFile, checkPixels } from './limits.ts'
import type { Picture } from './picture.ts'

/** Windows bitmap: 1, 4 and 8 bits with a palette, 16, 24 and 32 bits, rows from below or from above, not compressed. @throws BadFile */
export function readBmp(bytes: Uint8Array): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 54) throw new BadFile('BMP ends inside its header')
  const header = view.getUint32(14, true)
  const [width, signedHeight] = [view.getInt32(18, true), view.getInt32(22, true)]
  const height = Math.abs(signedHeight)
  const bits = view.getUint16(28, true)
  const compression = view.getUint32(30, true)
  if (header < 40) throw new BadFile('BMP of OS/2')
  checkPixels(height, width)
  // 3 and 6 are plain pixels with masks
  if (![0, 3, 6].includes(compression)) throw new BadFile(`BMP with compression ${compression}`)
  const masks = compression === 0 ? undefined : [0, 1, 2].map((c) => view.getUint32(54 + 4 * c, true))
  const stride = Math.ceil((width * bits) / 32) * 4
  const start = view.getUint32(10, true)
  if (start + stride * height > bytes.length) throw new BadFile('BMP ends inside its pixels')
  const pixel = pixelReader(view, bits, header + 14, masks)
  const rgb = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const row = start + stride * (signedHeight > 0 ? height - 1 - y : y)
    for (let x = 0; x < width; x++) {
      const colour = pixel(row, x)
      const at = 3 * (y * width + x)
      rgb[at] = colour >> 16
      rgb[at + 1] = (colour >> 8) & 255
      rgb[at + 2] = colour & 255
    }
  }
  return { height, width, rgb }
}

/** Colour of pixel x of the row at a byte, as 0xrrggbb. */
function pixelReader(
  view: DataView,
  bits: number,
  palette: number,
  masks: readonly number[] | undefined,
): (row: number, x: number) => number {
  if (bits === 24) return (row, x) => view.getUint16(row + 3 * x, true) | (view.getUint8(row + 3 * x + 2) << 16)
  if (bits === 16 || bits === 32) {
    const parts = (masks ?? (bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff])).map(maskReader)
    return (row, x) => {
      const value = bits === 16 ? view.getUint16(row + 2 * x, true) : view.getUint32(row + 4 * x, true)
      return (parts[0]!(value) << 16) | (parts[1]!(value) << 8) | parts[2]!(value)
    }
  }
  if (bits !== 1 && bits !== 4 && bits !== 8) throw new BadFile(`BMP of ${bits} bits`)
  return (row, x) => {
    const byte = view.getUint8(row + ((x * bits) >> 3))
    const index = (byte >> (8 - bits - ((x * bits) & 7))) & ((1 << bits) - 1)
    const at = palette + 4 * index
    if (at + 4 > view.byteLength) throw new BadFile('BMP palette reaches beyond the file')
    return view.getUint32(at, true) & 0xffffff
  }
}

/** The bits under a mask, brought to 0..255. */
function maskReader(mask: number): (value: number) => number {
  if (mask === 0) return () => 0
  const shift = 31 - Math.clz32(mask & -mask)
  const most = mask >>> shift
  return (value) => Math.round((255 * ((value & mask) >>> shift)) / most)
}
