import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { usageError } from './errors.ts'

/** Writes a file so that its name appears only when its bytes are on the disk: whoever is killed leaves the old file or none. Throws what Node throws. */
export function writeWhole(file: string, data: string | Uint8Array): void {
  const draft = `${file}.${process.pid}.part`
  mkdirSync(dirname(file), { recursive: true })
  try {
    const handle = openSync(draft, 'w')
    try {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** The same for a file that a person asked for. */
export function writeAsked(file: string, data: string | Uint8Array): void {
  try {
    writeWhole(file, data)
  } catch (cause) {
    throw usageError(`${file}: cannot be written (${(cause as NodeJS.ErrnoException).code})`, 'name another place', cause)
  }
}
