import { groupOf, termGroups, termNames } from '../../src/device/terms.ts'
import { backward, cholesky, forward } from '../../src/util/cholesky.ts'
import { macRange } from './core-limits.ts'
import { type Context, coreSpeed, effectsOf, type Versions, width } from './effects.ts'
import { type Formula, groupSums } from './formulas.ts'
import type { ModelRow } from './rows.ts'

/**
 * All boards, cores and kernels in one model: the logarithm of a group's factor is a sum of effects (of the kernels, the core, the chip, ...), each drawn
 * towards nothing. So parts that share a core or a design share what was timed on one of them, a factor stays positive, and what no row tells keeps its prior.
 * Fitted to logarithms of cycles, where half and double are equally wrong; rows far from the rest count less (Huber).
 */
export type Fit = {
  /** factors on the groups of the context's formula, speed of the core included */
  readonly scales: (context: Context) => Float64Array
  /** cycles of a network, by its terms */
  readonly cycles: (terms: Float64Array, context: Context) => number
  /** standard deviation of the logarithm of measured / predicted, a network's own included */
  readonly spread: (terms: Float64Array, context: Context) => number
  /** logarithm of each effect: on everything, then on each group */
  readonly effects: ReadonlyMap<string, Float64Array>
}

type Formulas = Readonly<Record<string, Formula>>

/** Spread of networks about a perfect fit, and of single operators, in logarithms. */
export const noise = { network: 0.05, operator: 0.3 }
/** Errors larger than so many standard deviations count in proportion only. */
const huber = 2

/** Effects as numbers: where they stand (-1: no row has it), their variances and their exponents. */
type Compiled = {
  readonly index: Int32Array
  readonly all: Float64Array
  readonly each: Float64Array
  readonly share: Float64Array
}
type Range = { readonly low: Float64Array; readonly high: Float64Array }
type Point = { readonly z: Float64Array; readonly effects: Compiled; readonly range: Range; readonly speed: number }
type Row = Point & { readonly log: number; readonly sd: number }

const groups = termGroups.length
const squaredWidth = Float64Array.from(termGroups, (g) => width[g] ** 2)
/** An effect has a value for everything and one for each group after it. */
const stride = groups + 1

export function fitModel(rows: readonly ModelRow[], formulas: Formulas, start?: Fit): Fit {
  const versions = versionsOf(rows)
  const keys = [...new Set(rows.flatMap((row) => effectsOf(row, versions).map((e) => e.key)))]
  const indices = new Map(keys.map((key, k) => [key, k]))
  const point = (terms: Float64Array, context: Context): Point => {
    const { core, formula } = context
    const effects = effectsOf(context, versions)
    return {
      z: groupSums(terms, formulas[formula]!.prices),
      effects: {
        index: Int32Array.from(effects, ({ key }) => indices.get(key) ?? -1),
        all: Float64Array.from(effects, (e) => e.all ** 2),
        each: Float64Array.from(effects, (e) => e.each ** 2),
        share: Float64Array.from(effects, (e) => e.share),
      },
      range: rangeOf(core, formula, formulas),
      speed: coreSpeed(core, formula),
    }
  }
  const data = rows.map(
    (row): Row => ({
      ...point(row.terms, row),
      log: Math.log(row.cycles),
      sd: row.family === 'operators' ? noise.operator : noise.network,
    }),
  )
  const begin = Float64Array.from({ length: stride * keys.length }, (_, t) => {
    const known = start?.effects.get(keys[Math.floor(t / stride)]!)
    return known ? known[t % stride]! : 0
  })
  const { theta, factor, slopes } = solve(data, begin)
  return {
    scales: (context) => factors(point(new Float64Array(termNames.length), context), theta),
    cycles: (terms, context) => Math.exp(linearise(point(terms, context), theta).log),
    spread: (terms, context) => {
      const p = point(terms, context)
      const now = linearise(p, theta)
      const own = shared(p.effects, now.slopes, spreadOut(p.effects, new Float64Array(3 * keys.length)), now.slopes)
      const dense = spreadOut(p.effects, new Float64Array(3 * keys.length))
      const cross = Float64Array.from(data, (d, i) => shared(d.effects, slopes[i]!, dense, now.slopes))
      const explained = forward(factor, cross).reduce((sum, v) => sum + v * v, 0)
      return Math.sqrt(noise.network ** 2 + own + unknown(p.effects, now.slopes) - explained)
    },
    effects: new Map(keys.map((key, k) => [key, theta.subarray(stride * k, stride * (k + 1))])),
  }
}

/** How the rows of each runtime, and of each board under it, divide among versions of the kernels. */
function versionsOf(rows: readonly ModelRow[]): Versions {
  const counts = new Map<string, Map<string, number>>()
  for (const { runtime, device, version, part } of rows) {
    if (part) continue
    for (const key of [runtime, `${device}:${runtime}`]) {
      const own = counts.get(key) ?? new Map<string, number>()
      counts.set(key, own.set(version, (own.get(version) ?? 0) + 1))
    }
  }
  return new Map(
    [...counts].map(([key, own]) => {
      const all = [...own.values()].reduce((a, b) => a + b, 0)
      return [key, [...own].map(([version, n]) => [version, n / all] as const)]
    }),
  )
}

/**
 * The most probable effects, by Gauss-Newton steps: each solves the linear model as a Gaussian process over the rows, whose covariance is what effects
 * they share, which is smaller than one over the effects.
 */
function solve(
  data: readonly Row[],
  begin: Float64Array,
): { theta: Float64Array; factor: Float64Array[]; slopes: Float64Array[] } {
  let theta = begin
  for (let round = 0; ; round++) {
    const now = data.map((d) => linearise(d, theta))
    const slopes = now.map((n) => n.slopes)
    const right = Float64Array.from(data, (d, i) => d.log - now[i]!.log + along(d.effects, slopes[i]!, theta))
    const weights = data.map((d, i) => Math.min(1, (huber * d.sd) / Math.abs(d.log - now[i]!.log)))
    const factor = cholesky(covariance(data, slopes, theta.length / stride, round === 0 ? weights.map(() => 1) : weights))
    const alpha = backward(factor, forward(factor, right))
    const next = new Float64Array(theta.length)
    data.forEach(({ effects }, i) => {
      effects.index.forEach((k, e) => {
        const pull = effects.share[e]! * alpha[i]!
        next[stride * k]! += effects.all[e]! * pull
        for (let g = 0; g < groups; g++) next[stride * k + 1 + g]! += effects.each[e]! * squaredWidth[g]! * slopes[i]![g]! * pull
      })
    })
    const moved = next.reduce((most, v, k) => Math.max(most, Math.abs(v - theta[k]!)), 0)
    theta = next
    if (moved < 5e-3 || round === 12) return { theta, factor, slopes }
  }
}

/** What the effects add to the logarithm of a row, to first order. */
function along({ index, share }: Compiled, slopes: Float64Array, theta: Float64Array): number {
  let sum = 0
  for (let e = 0; e < index.length; e++) {
    let value = theta[stride * index[e]!]!
    for (let g = 0; g < groups; g++) value += slopes[g]! * theta[stride * index[e]! + 1 + g]!
    sum += share[e]! * value
  }
  return sum
}

/** A row's effects laid out by index: exponent, variance of everything, variance of each group. */
function spreadOut({ index, all, each, share }: Compiled, dense: Float64Array): Float64Array {
  for (let e = 0; e < index.length; e++) {
    if (index[e]! < 0) continue
    dense[3 * index[e]!] = share[e]!
    dense[3 * index[e]! + 1] = all[e]!
    dense[3 * index[e]! + 2] = each[e]!
  }
  return dense
}

/** Covariance of the logarithms of two rows: the effects that both have. */
function shared({ index, share }: Compiled, slopes: Float64Array, other: Float64Array, otherSlopes: Float64Array): number {
  let alike = 0
  for (let g = 0; g < groups; g++) alike += squaredWidth[g]! * slopes[g]! * otherSlopes[g]!
  let sum = 0
  for (let e = 0; e < index.length; e++) {
    const k = 3 * index[e]!
    if (k >= 0) sum += share[e]! * other[k]! * (other[k + 1]! + other[k + 2]! * alike)
  }
  return sum
}

/** Variance of the effects that no row has. */
function unknown({ index, all, each, share }: Compiled, slopes: Float64Array): number {
  const alike = slopes.reduce((sum, s, g) => sum + squaredWidth[g]! * s * s, 0)
  return index.reduce((sum, k, e) => (k < 0 ? sum + share[e]! ** 2 * (all[e]! + each[e]! * alike) : sum), 0)
}

function covariance(
  data: readonly Row[],
  slopes: readonly Float64Array[],
  size: number,
  weights: readonly number[],
): Float64Array[] {
  const dense = new Float64Array(3 * size)
  return data.map(({ effects, sd }, i) => {
    spreadOut(effects, dense)
    const line = new Float64Array(data.length)
    for (let j = 0; j <= i; j++) line[j] = shared(data[j]!.effects, slopes[j]!, dense, slopes[i]!)
    line[i]! += sd ** 2 / weights[i]!
    for (const k of effects.index) dense[3 * k] = 0
    return line
  })
}

/** Logarithm of the predicted cycles, and the share of each group in them. */
function linearise(point: Point, theta: Float64Array): { log: number; slopes: Float64Array } {
  const parts = factors(point, theta).map((f, g) => f * point.z[g]!)
  const total = parts.reduce((a, b) => a + b, 0)
  return { log: Math.log(total), slopes: parts.map((v) => v / total) }
}

function factors({ effects, range, speed }: Point, theta: Float64Array): Float64Array {
  const logs = new Float64Array(groups)
  effects.index.forEach((k, e) => {
    if (k < 0) return
    for (let g = 0; g < groups; g++) logs[g]! += effects.share[e]! * (theta[stride * k]! + theta[stride * k + 1 + g]!)
  })
  return logs.map((l, g) => Math.min(range.high[g]!, Math.max(range.low[g]!, speed * Math.exp(l))))
}

/** Terms that are products, by group. */
const products = termGroups.map((g) => termNames.flatMap((t, i) => (groupOf(t) === g && /\.(mac|inside)$/.test(t) ? [i] : [])))

/** Range of each group's factor: products cost what the core and the kernels can do (bench/fit/core-limits.ts), the rest is off by 20 times at most. */
function rangeOf(core: string, formula: string, formulas: Formulas): Range {
  const { fewest, most } = macRange(core, formula)
  const { prices } = formulas[formula]!
  const perMac = products.map((list) => list.reduce((sum, t) => sum + prices[t]!, 0))
  return {
    low: Float64Array.from(perMac, (p) => (p > 0 ? fewest / p : 1 / 20)),
    high: Float64Array.from(perMac, (p) => (p > 0 ? most / p : 20)),
  }
}
