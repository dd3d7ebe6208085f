import { oneEach } from '../../task/labels.ts'
import { cos, sin } from '../../util/math.ts'
import { type Random, rng, seed32 } from '../../util/rng.ts'
import { type Decoded, sharedBytes } from '../decoded.ts'
import { fillNoise } from '../noise.ts'
import { type Builtin, balanced, between } from './plan.ts'
import { type Distance, figures } from './shape-distance.ts'

const size = 32
const classes = Object.keys(figures)
type Colour = readonly [number, number, number]

/** Scenes of 32 x 32 RGB pixels with one figure of any colour, place, size and turn, among clutter, under uneven light, partly hidden. */
export const shapes: Builtin = {
  describe: 'rendered scenes: 8 figures in clutter, 32 x 32 RGB',
  defaultCount: 2800,
  generate(count, seed) {
    const samples = sharedBytes(count * size * size * 3)
    const { labels } = balanced(count, classes.length, 1)
    const canvas = new Float64Array(size * size * 3)
    const noise = new Float64Array(canvas.length)
    for (let i = 0; i < count; i++) {
      render(figures[classes[labels[i]!]!]!, rng(seed, 'shapes', i), canvas)
      fillNoise(seed32(seed, 'shapes', 'noise', i), noise)
      develop(canvas, noise, samples, i * canvas.length)
    }
    return {
      name: 'shapes',
      kind: 'image',
      task: 'classification',
      shape: [size, size, 3],
      classes,
      samples,
      labels: oneEach(labels),
      frontEnd: { kind: 'image', height: size, width: size, channels: 'rgb', range: '0..255' },
      unreadable: [],
      notes: [],
    } satisfies Decoded
  },
}

const colour = (r: Random): Colour => [between(r, 20, 235), between(r, 20, 235), between(r, 20, 235)]
const luminance = (c: Colour) => 0.3 * c[0] + 0.6 * c[1] + 0.1 * c[2]

/** Background, clutter, figure, something in front of it, light: painted one over the other. Values 0..255. */
function render(figure: Distance, r: Random, canvas: Float64Array): void {
  const ground = colour(r)
  const far = colour(r)
  const turn = r.next() * 2 * Math.PI
  const [gx, gy] = [cos(turn) / size, sin(turn) / size]
  paint(canvas, (x, y) => 0.5 + 0.25 * (gx * (x - 16) + gy * (y - 16)), ground, far)
  for (let k = 1 + r.int(2); k > 0; k--)
    layer(canvas, clutter(r), between(r, 1.5, 4), r.next() * 7, r.next() * size, r.next() * size, colour(r))
  let ink = colour(r)
  while (Math.abs(luminance(ink) - luminance(ground)) < 75) ink = colour(r)
  const radius = between(r, 9, 13)
  const [cx, cy] = [between(r, radius, size - radius), between(r, radius, size - radius)]
  layer(canvas, figure, radius, between(r, -0.35, 0.35), cx, cy, ink)
  if (r.next() < 0.35) {
    const way = r.next() * 2 * Math.PI
    layer(canvas, thinBar, 10, way, cx + radius * 0.7 * cos(way + 1.5), cy + radius * 0.7 * sin(way + 1.5), colour(r))
  }
  const [light, slope, from] = [between(r, 0.55, 1.15), between(r, 0, 0.5), r.next() * 2 * Math.PI]
  for (let y = 0, i = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const shade = light * (1 + (slope * (cos(from) * (x - 16) + sin(from) * (y - 16))) / 16)
      for (let c = 0; c < 3; c++) canvas[i++]! *= shade
    }
}

const thinBar: Distance = (x, y) => Math.max(Math.abs(x) - 2, Math.abs(y) - 0.13)
const dot: Distance = (x, y) => Math.sqrt(x * x + y * y) - 0.6
const stroke: Distance = (x, y) => Math.max(Math.abs(x) - 1.6, Math.abs(y) - 0.22)
const clutter = (r: Random): Distance => (r.next() < 0.5 ? dot : stroke)

/** Mixes two colours by a share in [0, 1] given per pixel. */
function paint(canvas: Float64Array, share: (x: number, y: number) => number, from: Colour, to: Colour): void {
  for (let y = 0, i = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const s = Math.min(1, Math.max(0, share(x, y)))
      for (let c = 0; c < 3; c++) canvas[i++] = from[c]! + (to[c]! - from[c]!) * s
    }
}

/** Paints a figure over the canvas, anti-aliased: a pixel is covered by 0.5 - its distance in pixels, within 0..1. */
function layer(canvas: Float64Array, figure: Distance, radius: number, turn: number, cx: number, cy: number, ink: Colour): void {
  const [c, s] = [cos(turn) / radius, sin(turn) / radius]
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const [dx, dy] = [x + 0.5 - cx, y + 0.5 - cy]
      const cover = Math.min(1, 0.5 - figure(c * dx + s * dy, c * dy - s * dx) * radius)
      if (cover <= 0) continue
      const i = (y * size + x) * 3
      for (let k = 0; k < 3; k++) canvas[i + k]! += (ink[k]! - canvas[i + k]!) * cover
    }
}

/** Sensor noise, clipping and rounding to bytes. */
function develop(canvas: Float64Array, noise: Float64Array, out: Uint8Array, offset: number): void {
  for (let i = 0; i < canvas.length; i++) out[offset + i] = Math.min(255, Math.max(0, Math.round(canvas[i]! + 6 * noise[i]!)))
}
