import { microBenchmarks } from '../device/benchmarks.ts'
import { calibrate } from '../device/calibrate.ts'
import { price } from '../device/predict.ts'
import { measureNext, outliers } from '../device/review.ts'
import type { Target } from '../device/schema.ts'
import type { MeasuredRow } from './measurements.ts'

/** What a calibration found. */
export type CalibrationReport = ReturnType<typeof review> & { readonly device: string; readonly file: string }

/** The fit, how far it can be trusted, and what to measure next. */
export function review(prior: Target, rows: readonly MeasuredRow[]) {
  const { target, before, leftOut } = calibrate(prior, rows)
  const strange = outliers(prior, rows)
  const next = measureNext(
    prior,
    rows,
    microBenchmarks.map((b) => b.graph),
  )
  return {
    target,
    rows: rows.map(({ model, graph, latencyMs, arenaBytes }, i) => ({
      model,
      latencyMs,
      before: before[i]!,
      leftOut: leftOut[i]!,
      arenaBytes,
      predictedRamBytes: price(graph, target).ramBytes,
      outlier: strange.find((o) => o.row === i) ?? null,
    })),
    mape: { before: meanSize(before), leftOut: meanSize(leftOut) },
    next: next.map(({ candidate, latencyMs, spread }) => {
      const { name, tells } = microBenchmarks[candidate]!
      return { name, tells, latencyMs, spread }
    }),
  }
}

const meanSize = (errors: readonly number[]): number => errors.reduce((sum, e) => sum + Math.abs(e), 0) / errors.length

/** How a person names the file to other commands. */
export const specOf = ({ file, target }: CalibrationReport): string =>
  target.runtime.id === target.device.defaultRuntime ? file : `${file}:${target.runtime.id}`
