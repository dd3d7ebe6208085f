import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeStored } from './write-stored.ts'

// What computed a study, a line each in the order of first use: facts about machines beside the journal, since all kernels give the same bits.

const noteOf = (folder: string): string => join(folder, 'kernels.txt')

/** "native avx2", "wasm"; empty for studies of versions that did not note it. */
export const kernelsOf = (folder: string): readonly string[] =>
  existsSync(noteOf(folder)) ? readFileSync(noteOf(folder), 'utf8').split('\n').filter(Boolean) : []

export function noteKernels(folder: string, said: string): void {
  const known = kernelsOf(folder)
  if (!known.includes(said)) writeStored(noteOf(folder), new TextEncoder().encode(`${[...known, said].join('\n')}\n`))
}
