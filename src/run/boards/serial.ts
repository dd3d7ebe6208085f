import { spawnSync } from 'node:child_process'
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { usageError } from '../../util/errors.ts'
import { faultText } from '../../util/faults.ts'
import { writeAsked } from '../../util/write-whole.ts'
import { type BoardLine, boardLine, type TimedNetwork, timedNetworks, withTimed } from './serial-log.ts'

export type SerialOptions = {
  /** A log of what a board printed, or the serial port itself. */
  readonly from: string
  /** The table that the networks are written into; made where it is not there. */
  readonly table: string
  /** Told of each network as it comes. */
  readonly onLine?: (line: BoardLine) => void
  /** Ends the reading of a port, which has no end of its own. */
  readonly signal?: AbortSignal
}

/**
 * Reads what boards say of the networks that `calibrate --emit` wrote, and puts it into the table of measurements.
 *
 * @throws TinyfrontError where nothing can be read, or nothing in it is a timed network.
 */
export async function readBoard({
  from,
  table,
  onLine,
  signal,
}: SerialOptions): Promise<{ timed: readonly TimedNetwork[]; wrong: readonly string[] }> {
  const lines: BoardLine[] = []
  try {
    if (statSync(from).isCharacterDevice()) setUp(from)
    const input = createReadStream(from, { encoding: 'utf8', ...(signal ? { signal } : {}) })
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const line = boardLine(text)
      if (!line) continue
      lines.push(line)
      onLine?.(line)
    }
  } catch (cause) {
    if (!signal?.aborted)
      throw usageError(
        `--serial ${from}: cannot be read: ${faultText(cause)}`,
        'name a log file or a serial port such as /dev/ttyACM0',
        cause,
      )
  }
  const found = timedNetworks(lines)
  if (found.timed.length > 0) writeAsked(table, withTimed(existsSync(table) ? readFileSync(table, 'utf8') : '', found.timed))
  else if (found.wrong.length > 0)
    throw usageError(
      `--serial ${from}: the board computes ${found.wrong.join(', ')} wrongly`,
      'check its compiler flags; verify says what is right',
    )
  else
    throw usageError(
      `--serial ${from}: no line of a timed network in it`,
      'run a sketch of calibrate --emit; it prints {"model":"...","latencyMs":...}',
    )
  return found
}

/** 115200 baud, as the sketches print, and no translation of what comes. */
function setUp(port: string): void {
  const flag = process.platform === 'darwin' ? '-f' : '-F'
  const { error, status, stderr } = spawnSync('stty', [flag, port, '115200', 'raw', '-echo'], { encoding: 'utf8' })
  if (error || status !== 0)
    throw usageError(
      `--serial ${port}: cannot be set to 115200 baud: ${error?.message ?? stderr.trim()}`,
      'log it with another program, and pass the log',
    )
}
