import { cos, log, sin } from '../../util/math.ts'
import type { Dataset } from '../dataset.ts'
import { exampleSize } from '../decoded.ts'
import { resizer } from '../resize.ts'

/** A few hundred numbers an example, by which examples are compared: `values` is `[count, size]`. */
export type Features = { readonly values: Float32Array; readonly count: number; readonly size: number }

/** Pictures are compared as thumbnails of this side; spectrograms in so many parts of time. */
const side = 12
const parts = 8
/** Bands of the spectrum of a channel, each an octave's half wider than the one below. */
const bands = 12
/** Beyond so many deviations values count alike, or one broken column would be all that a map shows. */
const most = 4

/**
 * What examples look like: thumbnails of pictures, spectrograms with less time, level and spectrum of windows (when a wave begins says nothing), the columns of tables.
 */
export function featuresOf(dataset: Dataset, indices: readonly number[]): Features {
  const [h, w] = dataset.shape
  const one = h > 1 && w === 1 ? spectra(dataset) : h * w > 1 ? thumbnails(dataset) : columns(dataset)
  const values = new Float32Array(indices.length * one.size)
  indices.forEach((i, k) => {
    one.write(i, values.subarray(k * one.size, (k + 1) * one.size))
  })
  return { values, count: indices.length, size: one.size }
}

type Writer = { readonly size: number; readonly write: (example: number, out: Float32Array) => void }

const clipped = (x: number): number => Math.min(most, Math.max(-most, x))

function thumbnails({ kind, shape, samples, normalisation }: Dataset): Writer {
  const [h, w, c] = shape
  const to = kind === 'audio' ? ([Math.min(h, parts), w] as const) : ([Math.min(h, side), Math.min(w, side)] as const)
  const resize = resizer([h, w], to, c)
  const size = to[0] * to[1] * c
  return {
    size,
    write(example, out) {
      resize(samples, example * h * w * c, out)
      for (let k = 0; k < size; k++) out[k] = clipped((out[k]! - normalisation.offset[k % c]!) * normalisation.scale[k % c]!)
    },
  }
}

function columns({ shape, samples, normalisation }: Dataset): Writer {
  const size = exampleSize(shape)
  return {
    size,
    write(example, out) {
      for (let k = 0; k < size; k++)
        out[k] = clipped((samples[example * size + k]! - normalisation.offset[k]!) * normalisation.scale[k]!)
    },
  }
}

/** Of each channel: its mean, its deviation, and the energies of bands of its spectrum, as logarithms. */
function spectra({ shape, samples, normalisation }: Dataset): Writer {
  const [rows, , channels] = shape
  // longer windows are read in their first rows: a map needs no more
  const length = Math.min(rows, 512)
  const edges = bandEdges(length)
  const each = 2 + edges.length - 1
  const [cosines, sines] = [cos, sin].map((f) => Float64Array.from({ length }, (_, i) => f((2 * Math.PI * i) / length)))
  const signal = new Float64Array(length)
  const energyAt = (bin: number): number => {
    let [re, im] = [0, 0]
    for (let t = 0; t < length; t++) {
      re += signal[t]! * cosines![(bin * t) % length]!
      im += signal[t]! * sines![(bin * t) % length]!
    }
    return (re * re + im * im) / length
  }
  return {
    size: channels * each,
    write(example, out) {
      for (let c = 0; c < channels; c++) {
        let mean = 0
        for (let t = 0; t < length; t++) {
          signal[t] = (samples[(example * rows + t) * channels + c]! - normalisation.offset[c]!) * normalisation.scale[c]!
          mean += signal[t]! / length
        }
        let variance = 0
        for (let t = 0; t < length; t++) variance += (signal[t] = signal[t]! - mean) * signal[t]! * (1 / length)
        out[c * each] = clipped(mean)
        out[c * each + 1] = 0.5 * log(variance + 1e-4)
        for (let b = 0; b + 1 < edges.length; b++) {
          let energy = 0
          for (let bin = edges[b]!; bin < edges[b + 1]!; bin++) energy += energyAt(bin)
          out[c * each + 2 + b] = 0.5 * log(energy / (edges[b + 1]! - edges[b]!) + 1e-4)
        }
      }
    },
  }
}

/** Bins at which bands begin, and where the last ends: 1, 2, 3, 4, 6, 9, ... up to half of the window. */
function bandEdges(length: number): number[] {
  const edges = [1]
  const end = Math.max(2, length >> 1)
  while (edges.at(-1)! < end && edges.length < bands)
    edges.push(Math.min(end, Math.max(edges.at(-1)! + 1, Math.round(edges.at(-1)! * 1.5))))
  return edges
}
