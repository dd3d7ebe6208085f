import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { microBenchmarks } from '../../device/benchmarks.ts'
import { calibrate as fit } from '../../device/calibrate.ts'
import { deviceOf, loadUncalibrated } from '../../device/load.ts'
import { price } from '../../device/predict.ts'
import { measureNext, outliers } from '../../device/review.ts'
import type { Device, Target } from '../../device/schema.ts'
import { usageError } from '../../util/errors.ts'
import { writeAsked } from '../../util/write-whole.ts'
import { type MeasuredRow, readMeasurements } from './measurements.ts'

/** What a calibration found; `file` is the device file that was written. */
export type CalibrationReport = ReturnType<typeof review> & { readonly device: string; readonly file: string }

export type CalibrateOptions = {
  /** The board: its name or file, with `:runtime` where it is not the device's default. */
  readonly target: string
  /** A CSV file with the columns model,latencyMs[,arenaBytes]. */
  readonly measurements: string
  /** The device file to write; without it ID-calibrated.json beside the device's own file, and a file that is there is kept. */
  readonly out?: string | undefined
}

/**
 * Fits the latency of a board to networks that were timed on it, and writes the device file that has the fit.
 *
 * @throws TinyfrontError for what is wrong with the table, the board or the place.
 */
export function calibrate({ target: spec, measurements, out }: CalibrateOptions): CalibrationReport {
  const { device, target } = loadUncalibrated(spec)
  const file = outFile(spec, device, out)
  const fitted = review(target, readMeasurements(measurements))
  const own = deviceOf(spec)
  const beside = own.endsWith('.json') && resolve(dirname(own)) === resolve(dirname(file))
  writeAsked(file, `${JSON.stringify(withLatency(device, fitted.target, beside), null, 2)}\n`)
  return { device: target.id, file, ...fitted }
}

/** The fit, how far it can be trusted, and what to measure next. */
function review(prior: Target, rows: readonly MeasuredRow[]) {
  const { target, before, leftOut } = fit(prior, rows)
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

/** Beside the person's own file, or here for a bundled board. A file that is there is replaced only where it is named. */
function outFile(spec: string, device: Device, named: string | undefined): string {
  if (named !== undefined) {
    if (!named.endsWith('.json')) throw usageError(`--out ${named}: not a device file`, 'name a file that ends in .json')
    return named
  }
  const own = deviceOf(spec)
  const file = join(own.endsWith('.json') ? dirname(own) : '.', `${device.id}-calibrated.json`)
  if (existsSync(file)) throw usageError(`${file} is there already`, `pass --out ${file} to replace it, or another name`)
  return file
}

/** The device's file with the fitted latency of this runtime; calibrations of others stay, and the path of the schema where it still holds. */
function withLatency(
  { id: _, assumedFeatures: ___, $schema, ...device }: Device,
  { runtime, latency }: Target,
  beside: boolean,
): unknown {
  const { calibrated: __, terms, low, high, ...facts } = latency
  const short = (x: number): number => Number(x.toPrecision(6))
  const rounded = Object.fromEntries(Object.entries(terms).map(([name, cycles]) => [name, short(cycles)]))
  return {
    ...($schema !== undefined && beside ? { $schema } : {}),
    ...device,
    calibration: { ...device.calibration, [runtime.id]: { terms: rounded, low: short(low), high: short(high), ...facts } },
  }
}
