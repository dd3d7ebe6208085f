import type { Graph } from '../graph/graph.ts'
import { exp, log } from '../util/math.ts'
import { dot, fitNonNegative, relative } from './nnls.ts'
import type { Latency, Target } from './schema.ts'
import { addTerms, groupOf, INVOKE, type TermGroup, termGroups, termNames } from './terms.ts'

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
 * How strongly scale factors are pulled towards the prior, in units of squared relative error: (residual / spread of factors)^2. Kernels of
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
 */
export function calibrate(target: Target, measurements: readonly Measurement[]): Calibration {
  const rows = measurements.map(({ graph, latencyMs }) => ({ x: groupMs(graph, target), ms: latencyMs }))
  const scales = fitScales(rows)
  const leftOut = rows.map(({ x, ms }, i) => dot(x, fitScales(rows.filter((_, k) => k !== i))) / ms - 1)
  const before = rows.map(({ x, ms }) => x.reduce((a, b) => a + b, 0) / ms - 1)
  const terms = Object.fromEntries(
    Object.entries(target.latency.terms).map(([name, cycles]) => [
      name,
      cycles * scales[termGroups.indexOf(groupOf(name as (typeof termNames)[number]))]!,
    ]),
  )
  const half = halfWidth(leftOut, target.latency)
  const latency: Latency = {
    terms,
    low: exp(-half),
    high: exp(half),
    calibrated: true,
    rows: rows.length,
    source: `${rows.length} measurements of your own; before them: ${target.latency.source}`,
  }
  return { target: { ...target, latency }, before, leftOut }
}

/** Milliseconds by group of terms. */
function groupMs(graph: Graph, target: Target): Float64Array {
  const terms = new Float64Array(termNames.length)
  terms[INVOKE] = 1
  for (let i = 0; i < graph.ops.length; i++) addTerms(graph, i, terms)
  const sums = new Float64Array(termGroups.length)
  termNames.forEach((name, t) => {
    sums[termGroups.indexOf(groupOf(name))]! += (terms[t]! * (target.latency.terms[name] ?? 0)) / (target.device.clockMhz * 1000)
  })
  return sums
}

type Row = { readonly x: Float64Array; readonly ms: number }

function fitScales(rows: readonly Row[]): Float64Array {
  let above = 0
  let below = 0
  for (const { x, ms } of rows) {
    const ratio = x.reduce((a, b) => a + b, 0) / ms
    above += ratio
    below += ratio * ratio
  }
  // no measurement: the prior as it stands
  const common = below > 0 ? above / below : 1
  return fitNonNegative(
    rows.map(({ x, ms }) => relative(x, ms)),
    new Float64Array(termGroups.length).fill(common),
    termGroups.map((g) => pulls[g] / (common * common)),
  )
}

/** Half the 90 % interval in logarithms: left-out errors, with the prior's width counting as two measurements. */
function halfWidth(leftOut: readonly number[], prior: Latency): number {
  const z = 1.645
  const sigma = log(prior.high / prior.low) / 2 / z
  let sum = 2 * sigma * sigma
  for (const e of leftOut) {
    const l = log(1 + e)
    sum += l * l
  }
  return z * Math.sqrt(sum / (leftOut.length + 2))
}
