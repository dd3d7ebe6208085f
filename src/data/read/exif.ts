/**
 * How a camera says that it was held (EXIF 2.3, tag 0x0112): 1 = upright, 3 = upside down, 6 and 8 = on its side, 2, 4, 5, 7 mirrored.
 * Reads the first APP1 segment of a JPEG; anything unusual counts as upright.
 */
export function orientationOf(jpeg: Uint8Array): number {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength)
  for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== 0xda; ) {
    const length = view.getUint16(at + 2)
    if (jpeg[at + 1] === 0xe1 && at + 18 <= jpeg.length && view.getUint32(at + 4) === 0x45786966)
      return fromTiff(view, at + 10, at + 2 + length)
    at += 2 + length
  }
  return 1
}

function fromTiff(view: DataView, base: number, end: number): number {
  const last = Math.min(end, view.byteLength)
  const little = view.getUint16(base) === 0x4949
  const directory = base + view.getUint32(base + 4, little)
  if (directory + 2 > last) return 1
  const entries = view.getUint16(directory, little)
  for (let k = 0; k < entries; k++) {
    const at = directory + 2 + 12 * k
    if (at + 12 > last) return 1
    if (view.getUint16(at, little) !== 0x0112) continue
    const value = view.getUint16(at + 8, little)
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}

/** Turns pixels upright: the picture that a viewer shows. */
export function upright(
  picture: { readonly height: number; readonly width: number; readonly rgb: Uint8Array },
  orientation: number,
): { height: number; width: number; rgb: Uint8Array } {
  const { height: h, width: w, rgb } = picture
  if (orientation === 1) return picture
  const turned = orientation >= 5
  const [height, width] = turned ? [w, h] : [h, w]
  const mirrorX = [2, 3, 7, 8].includes(orientation)
  const mirrorY = [3, 4, 6, 7].includes(orientation)
  const out = new Uint8Array(rgb.length)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [u, v] = turned ? [y, x] : [x, y]
      const from = ((mirrorY ? h - 1 - v : v) * w + (mirrorX ? w - 1 - u : u)) * 3
      const to = (y * width + x) * 3
      for (let c = 0; c < 3; c++) out[to + c] = rgb[from + c]!
    }
  return { height, width, rgb: out }
}
