import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'

/** A small picture: `rgb` is `[height, width, 3]`. */
export type Raster = { readonly height: number; readonly width: number; readonly rgb: Uint8Array }

/** Larger pictures are photographs more often than not, of which JPEG needs a quarter of the bytes. */
const losslessPixels = 2500

/** The picture as a `data:` address, which no page fetches. */
export function dataAddress({ height, width, rgb }: Raster): string {
  const rgba = Buffer.alloc(height * width * 4, 255)
  for (let p = 0; p < height * width; p++) for (let c = 0; c < 3; c++) rgba[4 * p + c] = rgb[3 * p + c]!
  if (height * width > losslessPixels)
    return `data:image/jpeg;base64,${jpeg.encode({ data: rgba, width, height }, 80).data.toString('base64')}`
  const png = new PNG({ width, height })
  png.data = rgba
  return `data:image/png;base64,${PNG.sync.write(png, { deflateLevel: 9, colorType: isGray(rgb) ? 0 : 2 }).toString('base64')}`
}

function isGray(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false
  return true
}

/** Five colours from dark to bright whose lightness rises evenly, so that they read in gray, too. */
const scaleColours = [
  [16, 12, 44],
  [86, 24, 112],
  [186, 55, 85],
  [247, 131, 43],
  [252, 245, 178],
] as const

/** The colour of a share between 0 and 1. */
export function heat(share: number): readonly [number, number, number] {
  const at = Math.min(1, Math.max(0, share)) * (scaleColours.length - 1)
  const k = Math.min(scaleColours.length - 2, Math.floor(at))
  const part = (c: 0 | 1 | 2) => Math.round(scaleColours[k]![c] + (at - k) * (scaleColours[k + 1]![c] - scaleColours[k]![c]))
  return [part(0), part(1), part(2)]
}
