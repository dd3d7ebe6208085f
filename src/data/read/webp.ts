import { BadFile, checkPixels } from './limits.ts'
import { optional } from './optional.ts'
import type { Picture } from './picture.ts'

/** WebP, lossy or lossless, not moving. The size is read from the header and checked before anything is allocated. @throws BadFile */
export async function readWebp(bytes: Uint8Array): Promise<Picture> {
  const { decode } = await optional('WebP', '@cwasm/webp', () => import('@cwasm/webp'))
  const claimed = sizeOf(bytes)
  checkPixels(claimed.height, claimed.width)
  const { width, height, data } = decode(bytes)
  const rgb = new Uint8Array(width * height * 3)
  for (let p = 0; p < width * height; p++) for (let c = 0; c < 3; c++) rgb[3 * p + c] = data[4 * p + c]!
  return { height, width, rgb }
}

/** Google's container: VP8X, VP8L or VP8 stands first and says the size. */
function sizeOf(bytes: Uint8Array): { height: number; width: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 30) throw new BadFile('WebP ends inside its header')
  const kind = String.fromCharCode(...bytes.subarray(12, 16))
  if (kind === 'VP8X') {
    if (view.getUint8(20) & 2) throw new BadFile('moving WebP')
    const three = (at: number) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16) + 1
    return { width: three(24), height: three(27) }
  }
  if (kind === 'VP8L') {
    const packed = view.getUint32(21, true)
    return { width: (packed & 0x3fff) + 1, height: ((packed >> 14) & 0x3fff) + 1 }
  }
  if (kind === 'VP8 ') return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
  throw new BadFile('damaged WebP')
}
