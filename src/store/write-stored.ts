import { TinyfrontError } from '../util/errors.ts'
import { writeWhole } from '../util/write-whole.ts'

/** Writes a file of a study, all of it or nothing. @throws TinyfrontError 'store' where the disk is full or may not be written. */
export function writeStored(file: string, bytes: Uint8Array): void {
  try {
    writeWhole(file, bytes)
  } catch (cause) {
    throw new TinyfrontError(
      'store',
      `${file}: cannot be written: ${(cause as NodeJS.ErrnoException).code ?? (cause as Error).message}`,
      'free some space or check permissions, then resume the study',
      { cause },
    )
  }
}
