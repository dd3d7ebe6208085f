import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileError } from './faults.ts'

/** Writes a file so that its name appears only when its bytes are on the disk: whoever is killed leaves the old file or none. Throws what Node throws. */
export function writeWhole(file: string, data: string | Uint8Array): void {
  const draft = `${file}.${process.pid}.part`
  makeFolder(dirname(file))
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

/** A folder with those above it. On a read-only disk Node's own `recursive` says that there is no such place; here it says what is wrong. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && dirname(path) !== path) {
      makeFolder(dirname(path))
      mkdirSync(path, { recursive: true }) // another process may have been quicker
    } else if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}

/** The same for a file that a person asked for. */
export function writeAsked(file: string, data: string | Uint8Array): void {
  try {
    writeWhole(file, data)
  } catch (cause) {
    throw fileError('usage', file, 'written', cause)
  }
}
