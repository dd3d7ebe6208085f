import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { deviceOf, loadUncalibrated } from '../../device/load.ts'
import type { Device, Target } from '../../device/schema.ts'
import { usageError } from '../../util/errors.ts'
import { type CalibrationReport, review } from '../calibration-review.ts'
import { calibrationText } from '../calibration-text.ts'
import { readMeasurements } from '../measurements.ts'
import { print, printJson, tableStyle } from '../output.ts'
import type { Run } from '../run.ts'
import { writeAsked } from '../write-asked.ts'
import { emitBenchmarks } from './emit.ts'

/** `tinyfront calibrate --device mine.json measurements.csv [--out FILE]`, or `--emit DIR`: fits a board to networks that were timed on it. */
export const runCalibrate: Run = async ([table], options) => {
  if (options.emit !== undefined) {
    if (table !== undefined)
      throw usageError(`--emit writes networks to measure and reads no table (${table})`, 'run the two one after the other')
    return emitBenchmarks(String(options.emit), options.json === true)
  }
  const spec = onlyDevice(options.device as string[] | undefined)
  if (table === undefined)
    throw usageError(
      'no measurements given',
      'pass a CSV file with the columns model,latencyMs[,arenaBytes]; --emit DIR writes networks to measure',
    )
  const { device, target } = loadUncalibrated(spec)
  const file = outFile(spec, device, options.out as string | undefined)
  const rows = readMeasurements(table)
  const fitted = review(target, rows)
  const own = deviceOf(spec)
  const beside = own.endsWith('.json') && resolve(dirname(own)) === resolve(dirname(file))
  writeAsked(file, `${JSON.stringify(withLatency(device, fitted.target, beside), null, 2)}\n`)
  const report: CalibrationReport = { device: target.id, file, ...fitted }
  if (options.json) printJson(documentOf(report))
  else print(calibrationText(report, tableStyle()))
  return 0
}

function onlyDevice(specs: readonly string[] | undefined): string {
  if (!specs)
    throw usageError(
      'no board given',
      'pass --device mine.json (copy a file of devices/ and edit it), or --device mine.json:RUNTIME',
    )
  if (specs.length > 1) throw usageError(`${specs.length} boards given: ${specs.join(', ')}`, 'calibrate one board at a time')
  return specs[0]!
}

/** Beside the person's own file, or here for a bundled board. A file that is there is replaced only where `--out` names it. */
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
function withLatency({ id: _, $schema, ...device }: Device, { runtime, latency }: Target, beside: boolean): unknown {
  const { calibrated: __, terms, low, high, ...facts } = latency
  const short = (x: number): number => Number(x.toPrecision(6))
  const rounded = Object.fromEntries(Object.entries(terms).map(([name, cycles]) => [name, short(cycles)]))
  return {
    ...($schema !== undefined && beside ? { $schema } : {}),
    ...device,
    calibration: { ...device.calibration, [runtime.id]: { terms: rounded, low: short(low), high: short(high), ...facts } },
  }
}

function documentOf({ device, file, target, rows, mape, next }: CalibrationReport): unknown {
  const { low, high } = target.latency
  return { schemaVersion: 1, device, runtime: target.runtime.id, file, rows, mape, interval: { low, high }, next }
}
