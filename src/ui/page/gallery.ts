import { markup } from '../../report/markup.ts'
import { seriesClass } from '../../report/svg/marks.ts'
import type { ExamplePicture } from '../wire.ts'
import { make } from './dom.ts'

/** An example as a person sees it: a picture, a spectrogram, or lines over time. */
export const pictureOf = (example: ExamplePicture, title: string): Element =>
  example.kind === 'series' ? lines(example, title) : raster(example, title)

function raster({ kind, shape, values }: ExamplePicture, title: string): HTMLCanvasElement {
  // time runs to the right, low frequencies lie below
  const turned = kind === 'audio'
  const [rows = 1, columns = 1, channels = 1] = shape
  const canvas = make('canvas')
  canvas.setAttribute('role', 'img')
  canvas.setAttribute('aria-label', title)
  canvas.width = turned ? rows : columns
  canvas.height = turned ? columns : rows
  const pen = canvas.getContext('2d')!
  const pixels = pen.createImageData(canvas.width, canvas.height)
  let [low, high] = [0, 255]
  if (turned) [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
  const level = (v: number) => (255 * (v - low)) / (high - low || 1)
  for (let y = 0; y < canvas.height; y++)
    for (let x = 0; x < canvas.width; x++) {
      const from = turned ? (x * columns + (columns - 1 - y)) * channels : (y * columns + x) * channels
      const to = 4 * (y * canvas.width + x)
      for (let k = 0; k < 3; k++) pixels.data[to + k] = level(values[from + Math.min(k, channels - 1)]!)
      pixels.data[to + 3] = 255
    }
  pen.putImageData(pixels, 0, 0)
  return canvas
}

function lines({ shape, values }: ExamplePicture, title: string): Element {
  const [length = 1, columns = 1, depth = 1] = shape
  const channels = columns * depth
  const [width, height] = [180, 96]
  const low = values.reduce((a, b) => Math.min(a, b))
  const span = values.reduce((a, b) => Math.max(a, b)) - low || 1
  const path = (c: number) =>
    Array.from({ length }, (_, t) => {
      const x = (t / Math.max(1, length - 1)) * width
      const y = 3 + (height - 6) * (1 - (values[t * channels + c]! - low) / span)
      return `${t === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`
    }).join('')
  const holder = make('div')
  holder.innerHTML =
    markup`<svg class="lines" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">${Array.from({ length: channels }, (_, c) => markup`<path class="step ${seriesClass(c)}" d="${path(c)}"/>`)}</svg>`.markup
  return holder.firstElementChild!
}
