import { exp, log } from '../../util/math.ts'
import type { Principal } from './principal.ts'

const iterations = 300
/** At first attraction counts more, so that clusters find each other (van der Maaten and Hinton 2008). */
const early = { iterations: 100, factor: 12 }

/**
 * A map on which neighbours stay neighbours: t-SNE, exact, for at most a thousand examples or so. It begins with the first two principal components, which keeps the large
 * picture (Kobak and Berens 2019) and makes it a function of the data alone: nothing is drawn at random.
 */
export function neighbourMap({ scores, axes }: Principal, count: number, perplexity = 30): Float64Array {
  const y = startOf(scores, axes, count)
  if (count < 4) return y
  const p = affinities(scores, axes, count, Math.min(perplexity, (count - 1) / 3))
  const velocity = new Float64Array(2 * count)
  const gains = new Float64Array(2 * count).fill(1)
  const gradient = new Float64Array(2 * count)
  const rate = Math.max(50, count / early.factor)
  for (let step = 0; step < iterations; step++) {
    fillGradient(gradient, y, p, count, step < early.iterations ? early.factor : 1)
    const momentum = step < early.iterations ? 0.5 : 0.8
    for (let k = 0; k < y.length; k++) {
      gains[k] = Math.max(0.01, gradient[k]! > 0 === velocity[k]! > 0 ? gains[k]! * 0.8 : gains[k]! + 0.2)
      velocity[k] = momentum * velocity[k]! - rate * gains[k]! * gradient[k]!
      y[k]! += velocity[k]!
    }
  }
  return y
}

/** The first two components, made small. */
function startOf(scores: Float64Array, axes: number, count: number): Float64Array {
  const y = Float64Array.from({ length: 2 * count }, (_, k) => (k % 2 < axes ? scores[(k >> 1) * axes + (k % 2)]! : 0))
  const spread = Math.sqrt(y.reduce((sum, x) => sum + x * x, 0) / Math.max(1, y.length)) || 1
  return y.map((x) => (1e-2 * x) / spread)
}

/** How likely i and j are neighbours, `[count, count]`, symmetric, 1 in all: a Gaussian around each example that has `perplexity` neighbours in effect. */
function affinities(scores: Float64Array, axes: number, count: number, perplexity: number): Float64Array {
  const p = new Float64Array(count * count)
  const row = new Float64Array(count)
  const entropy = log(perplexity)
  for (let i = 0; i < count; i++) {
    let nearest = Number.POSITIVE_INFINITY
    for (let j = 0; j < count; j++) {
      let sum = 0
      for (let a = 0; a < axes; a++) {
        const d = scores[i * axes + a]! - scores[j * axes + a]!
        sum += d * d
      }
      row[j] = sum
      if (j !== i && sum < nearest) nearest = sum
    }
    widthFor(row, i, nearest, entropy, (j, share) => {
      p[i * count + j]! += share / (2 * count)
      p[j * count + i]! += share / (2 * count)
    })
  }
  return p
}

/** Bisects the width of the Gaussian around example i until its entropy is that of the perplexity, then says each neighbour's share. */
function widthFor(squares: Float64Array, i: number, nearest: number, entropy: number, say: (j: number, share: number) => void) {
  const weights = new Float64Array(squares.length)
  let [low, high] = [0, Number.POSITIVE_INFINITY]
  let beta = 1 / (nearest + 1e-9)
  let total = 1
  for (let turn = 0; turn < 40; turn++) {
    total = 0
    let mean = 0
    for (let j = 0; j < squares.length; j++) {
      const w = j === i ? 0 : exp(Math.max(-700, -beta * (squares[j]! - nearest)))
      weights[j] = w
      total += w
      mean += w * (squares[j]! - nearest)
    }
    const off = log(total) + (beta * mean) / total - entropy
    if (Math.abs(off) < 1e-4) break
    if (off > 0) low = beta
    else high = beta
    beta = high === Number.POSITIVE_INFINITY ? beta * 2 : (low + high) / 2
  }
  for (let j = 0; j < weights.length; j++) say(j, weights[j]! / total)
}

/** Neighbours pull by `p`, all others push; Student's t keeps those apart that are moderately far. */
function fillGradient(gradient: Float64Array, y: Float64Array, p: Float64Array, count: number, factor: number): void {
  const push = new Float64Array(2 * count)
  gradient.fill(0)
  let total = 0
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++) {
      const [dx, dy] = [y[2 * i]! - y[2 * j]!, y[2 * i + 1]! - y[2 * j + 1]!]
      const q = 1 / (1 + dx * dx + dy * dy)
      total += 2 * q
      const pull = 4 * factor * p[i * count + j]! * q
      gradient[2 * i]! += pull * dx
      gradient[2 * i + 1]! += pull * dy
      gradient[2 * j]! -= pull * dx
      gradient[2 * j + 1]! -= pull * dy
      push[2 * i]! += q * q * dx
      push[2 * i + 1]! += q * q * dy
      push[2 * j]! -= q * q * dx
      push[2 * j + 1]! -= q * q * dy
    }
  for (let k = 0; k < gradient.length; k++) gradient[k]! -= (4 * push[k]!) / (total || 1)
}
