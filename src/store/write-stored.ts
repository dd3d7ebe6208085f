import { fileError } from '../util/faults.ts'
import { writeWhole } from '../util/write-whole.ts'

/** Writes a file of a study, all of it or nothing. @throws TinyfrontError 'store' where the disk is full or may not be written. */
export function writeStored(file: string, bytes: Uint8Array): void {
  try {
    writeWhole(file, bytes)
  } catch (cause) {
    throw fileError('store', file, 'written', cause, ', then resume the study')
  }
}
