import { usageError } from '../util/errors.ts'
import { writeWhole } from '../util/write-whole.ts'

/** Writes a file that the person asked for, all of it or nothing. */
export function writeAsked(file: string, data: string | Uint8Array): void {
  try {
    writeWhole(file, data)
  } catch (cause) {
    throw usageError(`${file}: cannot be written (${(cause as NodeJS.ErrnoException).code})`, 'name another place', cause)
  }
}
