const bins = 4096
const smallest = 1 / 1048576

/** Float range of a tensor. */
export type Range = { readonly min: number; readonly max: number }

/**
 * Streaming histogram over [-limit, limit), limit a power of two that doubles as larger values come. Bin edges of a doubled histogram are
 * edges of the old one, so counts do not depend on the order in which values came. Exact zeros (a ReLU makes many, and int8 represents them
 * without error) are counted apart.
 */
export type Histogram = {
  readonly count: number
  readonly zeros: number
  readonly min: number
  readonly max: number
  readonly limit: number
  /** values by bin, exact zeros left out */
  readonly counts: Float64Array
  add(values: Float32Array): void
  merge(other: Histogram): void
}

export function histogram(): Histogram {
  const h = { count: 0, zeros: 0, min: Infinity, max: -Infinity, limit: smallest, counts: new Float64Array(bins), add, merge }
  return h

  function reach(magnitude: number): void {
    while (magnitude >= h.limit) {
      const wider = new Float64Array(bins)
      for (let i = 0; i < bins; i++) wider[(bins >> 2) + (i >> 1)]! += h.counts[i]!
      h.counts = wider
      h.limit *= 2
    }
  }

  function add(values: Float32Array): void {
    let { min, max, zeros } = h
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!
      if (v < min) min = v
      if (v > max) max = v
      if (v - v !== 0) throw new RangeError(`cannot calibrate with the value ${v}: the network diverged`)
    }
    reach(Math.max(Math.abs(min), Math.abs(max)))
    const { counts, limit } = h
    const perUnit = bins / (2 * limit)
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!
      if (v === 0) zeros++
      else counts[Math.floor(v * perUnit) + bins / 2]!++ // perUnit is a power of two: exact
    }
    h.count += values.length
    h.zeros = zeros
    h.min = min
    h.max = max
  }

  function merge(other: Histogram): void {
    reach(other.limit / 2)
    const shift = Math.round(h.limit / other.limit)
    for (let i = 0; i < bins; i++) h.counts[Math.floor((i - bins / 2) / shift) + bins / 2]! += other.counts[i]!
    h.count += other.count
    h.zeros += other.zeros
    h.min = Math.min(h.min, other.min)
    h.max = Math.max(h.max, other.max)
  }
}

/** Edges of the bins that hold the first and last value once `1 - percentile / 100` of all values, half at each end, are left out. */
export function percentileRange(h: Histogram, percentile: number): Range {
  if (!(percentile > 50 && percentile <= 100)) throw new RangeError(`percentile ${percentile} is not in (50, 100]`)
  const dropped = (h.count * (100 - percentile)) / 200
  const width = (2 * h.limit) / bins
  const full = (i: number) => h.counts[i]! + (i === bins / 2 ? h.zeros : 0)
  let low = 0
  for (let seen = full(0); seen <= dropped && low < bins - 1; seen += full(low)) low++
  let high = bins - 1
  for (let seen = full(high); seen <= dropped && high > 0; seen += full(high)) high--
  return { min: Math.max(h.min, low * width - h.limit), max: Math.min(h.max, (high + 1) * width - h.limit) }
}

const steps = 48

/**
 * The range with the smallest expected squared error of 8-bit quantisation: squared distance to the edge outside the range, v^2 for values that
 * round to zero (zero is on the grid, and distributions peak there), step^2 / 12 elsewhere. Both ends are searched on a grid of 48 shares of the observed minimum and maximum; the whole range is among the candidates.
 */
export function smallestErrorRange(h: Histogram): Range {
  const width = (2 * h.limit) / bins
  // running sums of count, value and squared value over bins below i, by bin centre
  const n = new Float64Array(bins + 1)
  const sum = new Float64Array(bins + 1)
  const squares = new Float64Array(bins + 1)
  for (let i = 0; i < bins; i++) {
    const centre = (i + 0.5) * width - h.limit
    n[i + 1] = n[i]! + h.counts[i]!
    sum[i + 1] = sum[i]! + h.counts[i]! * centre
    squares[i + 1] = squares[i]! + h.counts[i]! * centre * centre
  }
  const outside = (from: number, to: number, edge: number) =>
    squares[to]! - squares[from]! - 2 * edge * (sum[to]! - sum[from]!) + edge * edge * (n[to]! - n[from]!)
  const binOf = (v: number) => Math.max(0, Math.min(bins, Math.round((v + h.limit) / width)))
  const whole = { min: Math.min(0, h.min), max: Math.max(0, h.max) }
  let best = whole
  let bestError = Infinity
  for (let a = steps; a >= (whole.min < 0 ? 1 : steps); a--)
    for (let b = steps; b >= (whole.max > 0 ? 1 : steps); b--) {
      const [min, max] = [(whole.min * a) / steps, (whole.max * b) / steps]
      const [low, high] = [a === steps ? 0 : binOf(min), b === steps ? bins : binOf(max)]
      const step = (max - min) / 255
      const [left, right] = [Math.max(low, binOf(-step / 2)), Math.min(high, binOf(step / 2))]
      const rounded = n[left]! - n[low]! + n[high]! - n[right]!
      const error = outside(0, low, min) + outside(high, bins, max) + outside(left, right, 0) + (rounded * step * step) / 12
      if (error < bestError) {
        bestError = error
        best = { min, max }
      }
    }
  return best
}
