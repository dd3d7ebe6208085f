import type { Dataset } from '../../data/dataset.ts'
import { resizer } from '../../data/resize.ts'
import { type Markup, markup } from '../markup.ts'
import { seriesClass } from '../svg/marks.ts'
import { dataAddress, heat, type Raster } from './raster.ts'

/** Longest side of a picture on the page, in its own pixels. */
const longest = 72
/** Size of a drawing, and how many points a line of it has. */
const [width, height, points] = [150, 66, 75]
/** Values beyond so many deviations leave the drawing. */
const deviations = 3.2
/** Channels that one drawing can hold apart. */
const most = 9

/** How an example is drawn: pictures as they are, sounds as spectrograms, windows as waves, rows of a table as bars. */
export function drawer(dataset: Dataset): (example: number, name: string) => Markup {
  const [h, w] = dataset.shape
  if (dataset.kind === 'audio') return spectrogram(dataset)
  if (dataset.kind === 'image' || w > 1) return picture(dataset)
  return h > 1 ? waves(dataset) : bars(dataset)
}

const img = (raster: Raster, name: string): Markup =>
  markup`<img src="${dataAddress(raster)}" alt="${name}" width="${String(raster.width)}" height="${String(raster.height)}" decoding="async">`

function picture({ shape, samples }: Dataset): ReturnType<typeof drawer> {
  const [h, w, c] = shape
  const scale = Math.min(1, longest / Math.max(h, w))
  const to = [Math.max(1, Math.round(h * scale)), Math.max(1, Math.round(w * scale))] as const
  const resize = resizer([h, w], to, c)
  const small = new Float64Array(to[0] * to[1] * c)
  return (example, name) => {
    resize(samples, example * h * w * c, small)
    // bytes are brightness as it was; other numbers go from the least to the most of the example
    const [low, high] =
      samples instanceof Uint8Array ? [0, 255] : [small.reduce((a, b) => Math.min(a, b)), small.reduce((a, b) => Math.max(a, b))]
    const span = high - low || 1
    const rgb = new Uint8Array(to[0] * to[1] * 3)
    for (let p = 0; p < to[0] * to[1]; p++)
      for (let k = 0; k < 3; k++) rgb[3 * p + k] = Math.round((255 * (small[p * c + (c >= 3 ? k : 0)]! - low)) / span)
    return img({ height: to[0], width: to[1], rgb }, name)
  }
}

/** Time to the right, high tones above. */
function spectrogram({ shape, samples, normalisation }: Dataset): ReturnType<typeof drawer> {
  const [frames, mels] = shape
  const columns = Math.min(frames, 2 * longest)
  const resize = resizer([frames, mels], [columns, mels], 1)
  const small = new Float64Array(columns * mels)
  return (example, name) => {
    resize(samples, example * frames * mels, small)
    const rgb = new Uint8Array(mels * columns * 3)
    for (let f = 0; f < columns; f++)
      for (let m = 0; m < mels; m++) {
        const z = (small[f * mels + m]! - normalisation.offset[0]!) * normalisation.scale[0]!
        rgb.set(heat((z + 2) / 4.5), ((mels - 1 - m) * columns + f) * 3)
      }
    return img({ height: mels, width: columns, rgb }, name)
  }
}

const clip = (z: number): number => Math.max(-deviations, Math.min(deviations, z))
const yOf = (z: number): number => Math.round(10 * (height / 2 - (clip(z) / deviations) * (height / 2 - 2))) / 10

/** A line for each channel, in deviations from its mean over the training examples, so that examples compare. */
function waves({ shape, samples, normalisation }: Dataset): ReturnType<typeof drawer> {
  const [rows, , channels] = shape
  const steps = Math.min(rows, points)
  const shown = Math.min(channels, most)
  return (example, name) => {
    const line = (c: number) =>
      Array.from({ length: steps }, (_, s) => {
        const t = Math.floor((s * rows) / steps)
        const z = (samples[(example * rows + t) * channels + c]! - normalisation.offset[c]!) * normalisation.scale[c]!
        return `${s === 0 ? 'M' : 'L'}${Math.round((s / (steps - 1 || 1)) * width)} ${yOf(z)}`
      }).join('')
    return markup`<svg class="wave" viewBox="0 0 ${width} ${height}" role="img" aria-label="${name}">${Array.from({ length: shown }, (_, c) => markup`<path class="step ${seriesClass(c)}" d="${line(c)}"/>`)}</svg>`
  }
}

/** A bar for each column, up where it is above its mean. */
function bars({ shape, samples, normalisation }: Dataset): ReturnType<typeof drawer> {
  const columns = shape[2]
  const shown = Math.min(columns, points)
  const step = width / shown
  return (example, name) =>
    markup`<svg class="wave" viewBox="0 0 ${width} ${height}" role="img" aria-label="${name}"><path class="axis" d="M0 ${height / 2}H${width}"/>${Array.from(
      { length: shown },
      (_, c) => {
        const z = (samples[example * columns + c]! - normalisation.offset[c]!) * normalisation.scale[c]!
        const y = yOf(z)
        return markup`<rect class="m c0" x="${c * step}" y="${Math.min(y, height / 2)}" width="${Math.max(0.5, step - 1)}" height="${Math.abs(y - height / 2)}"/>`
      },
    )}</svg>`
}
