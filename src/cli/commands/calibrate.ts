import { type CalibrationReport, calibrate } from '../../run/boards/calibrate.ts'
import { emitBenchmarks } from '../../run/boards/emit.ts'
import { readBoard } from '../../run/boards/serial.ts'
import type { BoardLine } from '../../run/boards/serial-log.ts'
import { usageError } from '../../util/errors.ts'
import { calibrationText } from '../calibration-text.ts'
import type { Run } from '../options.ts'
import { print, printJson, tableStyle, talk } from '../output.ts'

/** `tinyfront calibrate --device mine.json measurements.csv [--out FILE]`, or `--emit DIR`: fits a board to networks that were timed on it. */
export const runCalibrate: Run = async ([table], { emit, serial, targets, out, json }) => {
  if (emit !== undefined) {
    if (table !== undefined)
      throw usageError(`--emit writes networks to measure and reads no table (${table})`, 'run the two one after the other')
    return emitTo(emit, json)
  }
  const measurements = table ?? (serial === undefined ? undefined : 'measurements.csv')
  if (serial !== undefined) {
    await listen(serial, measurements!)
    if (targets === undefined) return 0
  }
  const target = onlyDevice(targets)
  if (measurements === undefined)
    throw usageError(
      'no measurements given',
      'pass a CSV file with the columns model,latencyMs[,arenaBytes]; --emit DIR writes networks to measure',
    )
  const report = calibrate({ target, measurements, out })
  if (json) printJson(documentOf(report))
  else print(calibrationText(report, tableStyle()))
  return 0
}

/** Takes down what boards say, until the log or Ctrl-C ends it. */
async function listen(from: string, table: string): Promise<void> {
  const stop = new AbortController()
  const onInterrupt = () => stop.abort()
  process.once('SIGINT', onInterrupt)
  try {
    const onLine = (line: BoardLine) =>
      talk(line.kind === 'timed' ? `${line.model}  ${line.latencyMs} ms` : `${line.model}  computes something else: left out`)
    const { timed } = await readBoard({ from, table, onLine, signal: stop.signal })
    talk(`${table}: ${timed.length} ${timed.length === 1 ? 'network' : 'networks'} written`)
  } finally {
    process.off('SIGINT', onInterrupt)
  }
}

function emitTo(folder: string, json: boolean): number {
  const { written, kept } = emitBenchmarks(folder)
  for (const file of kept) talk(`kept ${file}`)
  if (json) printJson({ schemaVersion: 1, files: written })
  else for (const file of written) print(file)
  return 0
}

function onlyDevice(specs: readonly string[] | undefined): string {
  const [spec, ...more] = specs ?? []
  if (spec === undefined)
    throw usageError(
      'no board given',
      'pass --device mine.json (copy a file of devices/ and edit it), or --device mine.json:RUNTIME',
    )
  if (more.length > 0)
    throw usageError(`${more.length + 1} boards given: ${[spec, ...more].join(', ')}`, 'calibrate one board at a time')
  return spec
}

function documentOf({ device, file, target, rows, mape, next }: CalibrationReport): unknown {
  const { low, high } = target.latency
  return { schemaVersion: 1, device, runtime: target.runtime.id, file, rows, mape, interval: { low, high }, next }
}
