import type { Graph } from '../graph/graph.ts'
import { hashJson } from '../util/hash.ts'
import { exp, log } from '../util/math.ts'
import { student95 } from '../util/student.ts'
import { dot, fitNonNegative, logarithmic } from './nnls.ts'
import type { Latency, Target } from './schema.ts'
import { agrees } from './target.ts'
import { addTerms, groupOf, INVOKE, type TermGroup, type TermName, termGroups, termNames } from './terms.ts'

/** A network that ran on the board, and how long one inference took. */
export type Measurement = { readonly graph: Graph; readonly latencyMs: number }

export type Calibration = {
  /** the same target with latency fitted to the measurements */
  readonly target: Target
  /** predicted / measured - 1 of each measurement before, and after a fit that did not see it */
  readonly before: readonly number[]
  readonly leftOut: readonly number[]
}

/**
 * How strongly scale factors are pulled towards the prior, in units of squared logarithms: (residual / spread of factors)^2. Kernels of
 * convolutions differ between runtimes by factors of two, so they are pulled little; what few networks contain in bulk is pulled hard. Chosen
 * on leave-one-model-out error pooled over all published Cortex-M targets, which is flat around these values.
 */
export const pulls: Readonly<Record<TermGroup, number>> = {
  conv: 0.03,
  pointwise: 0.03,
  depthwise: 0.03,
  dense: 0.3,
  element: 0.3,
  flash: 0.3,
  overhead: 0.3,
}

/**
 * Fits a target to 3-10 networks measured on the user's own board: one factor for the board, then one for each group of operators, drawn
 * towards it. Measure networks that differ (a dense one, a wide and a thin convolutional one), best such as the search would propose.
 * A network that was measured twice is left out as a whole: its other row would give it away.
 */
export function calibrate(target: Target, measurements: readonly Measurement[]): Calibration {
  const rows = rowsOf(target, measurements)
  const scales = fitScales(rows)
  const without = new Map(
    [...new Set(rows.map((r) => r.network))].map((network) => [network, fitScales(rows.filter((r) => r.network !== network))]),
  )
  const leftOut = rows.map(({ x, ms, network }) => dot(x, without.get(network)!) / ms - 1)
  const before = rows.map(({ x, ms }) => sum(x) / ms - 1)
  const terms = Object.fromEntries(
    Object.entries(target.latency.terms).map(([name, cycles]) => [
      name,
      cycles * scales[termGroups.indexOf(groupOf(name as TermName))]!,
    ]),
  )
  const half = halfWidth(leftOut)
  const interval = rows.length > 0 ? { low: exp(-half), high: exp(half) } : target.latency
  const latency: Latency = {
    terms,
    low: interval.low,
    high: interval.high,
    calibrated: agrees(interval),
    rows: rows.length,
    source: `${rows.length} measurements of your own; before them: ${target.latency.source}`,
  }
  return { target: { ...target, latency }, before, leftOut }
}

/** A measurement as the fit sees it: milliseconds by group of terms as the prior has them, and which network it is. */
export type Row = { readonly x: Float64Array; readonly ms: number; readonly network: string }

export const rowsOf = (target: Target, measurements: readonly Measurement[]): Row[] =>
  measurements.map(({ graph, latencyMs }) => ({ x: groupMs(graph, target), ms: latencyMs, network: hashJson(graph) }))

/** Milliseconds by group of terms. */
export function groupMs(graph: Graph, target: Target): Float64Array {
  const terms = new Float64Array(termNames.length)
  terms[INVOKE] = 1
  for (let i = 0; i < graph.ops.length; i++) addTerms(graph, i, terms)
  const sums = new Float64Array(termGroups.length)
  termNames.forEach((name, t) => {
    sums[termGroups.indexOf(groupOf(name))]! += (terms[t]! * (target.latency.terms[name] ?? 0)) / (target.device.clockMhz * 1000)
  })
  return sums
}

const sum = (x: Float64Array): number => x.reduce((a, b) => a + b, 0)

/** An error in logarithms that is more than a fit to a few rows is usually wrong by. */
const clearError = 0.3

/**
 * The one factor that fits all rows best: the mean of their logarithms, in which rows that are clearly off count in proportion only (Huber, from the
 * median); 1 without rows: the prior as it stands.
 */
export function commonFactor(rows: readonly Row[]): number {
  if (rows.length === 0) return 1
  const logs = rows.map(({ x, ms }) => log(ms / sum(x))).sort((a, b) => a - b)
  let centre = (logs[(logs.length - 1) >> 1]! + logs[logs.length >> 1]!) / 2
  for (let round = 0; round < 30; round++) {
    const weights = logs.map((l) => (Math.abs(l - centre) <= clearError ? 1 : clearError / Math.abs(l - centre)))
    centre = logs.reduce((total, l, i) => total + weights[i]! * l, 0) / weights.reduce((a, b) => a + b, 0)
  }
  return exp(centre)
}

/** Pull of each group's factor towards the common one. */
export const pullsTowards = (common: number): number[] => termGroups.map((g) => pulls[g] / (common * common))

/** No kernels are free: what a few rows do not need still costs a tenth of what the board's other operators make likely. */
const leastShare = 0.1

/** A factor per group of terms, by robust least squares on logarithms. */
export function fitScales(rows: readonly Row[]): Float64Array {
  const common = commonFactor(rows)
  const prior = new Float64Array(termGroups.length).fill(common)
  let scales: Float64Array = prior
  for (let round = 0; round < 50; round++) {
    const near = rows.map(({ x, ms }) => logarithmic(x, ms, dot(x, scales), clearError))
    const next = fitNonNegative(near, prior, pullsTowards(common), leastShare * common)
    const moved = next.reduce((most, f, g) => Math.max(most, Math.abs(f - scales[g]!)), 0)
    scales = next
    if (moved < 1e-7 * common) break
  }
  return scales
}

/** Logarithm of predicted / measured from its error; a prediction of nothing counts as one of a thousandth. */
export const logRatio = (error: number): number => log(Math.max(1e-3, 1 + error))

/**
 * What a fit to a few rows is still wrong by, as the root mean square of logarithms, and its weight in measurements: the published boards of
 * bench/calibrate.ts but the worst, after five networks each.
 */
const residual = { size: 0.1, weight: 2 }

/**
 * Half the 90 % interval in logarithms: Student's, as a handful of left-out errors says little about its own spread. How uncertain the board was before does
 * not matter any more: that was between boards, and the fit has removed it.
 */
function halfWidth(leftOut: readonly number[]): number {
  let sum = residual.weight * residual.size * residual.size
  for (const e of leftOut) {
    const l = logRatio(e)
    sum += l * l
  }
  const n = leftOut.length + residual.weight
  return student95(n) * Math.sqrt(sum / n)
}
