import { asUsageError, BadFile } from './read/limits.ts'
import { readPlain } from './read/tree.ts'

/** Runs a reader on a file without which there is no data set. */
export async function indispensable<T>(file: string, read: (bytes: Uint8Array) => T | Promise<T>): Promise<T> {
  const bytes = readPlain(file)
  try {
    return await read(bytes)
  } catch (cause) {
    throw cause instanceof BadFile ? asUsageError(file, cause) : cause
  }
}
