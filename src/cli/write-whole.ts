import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { usageError } from '../util/errors.ts'

/** The name appears only when the bytes are complete. */
export function writeWhole(file: string, data: string | Uint8Array): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.part`, data)
    renameSync(`${file}.part`, file)
  } catch (cause) {
    throw usageError(`${file}: cannot be written (${(cause as NodeJS.ErrnoException).code})`, 'name another place', cause)
  }
}
