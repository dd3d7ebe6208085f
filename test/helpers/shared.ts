import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Reference data beside the project (`../shared`), which is never part of it: tests that use it are skipped where it is absent. */
const folder = fileURLToPath(new URL('../../../shared/data/', import.meta.url))

export const hasShared = existsSync(folder)
/** Names of the files of a folder that end in `suffix`; none where the data are absent. */
export const sharedFiles = (sub: string, suffix: string): string[] =>
  hasShared ? readdirSync(folder + sub).filter((f) => f.endsWith(suffix)) : []
export const sharedPath = (path: string): string => folder + path
export const readShared = (path: string): Uint8Array => new Uint8Array(readFileSync(sharedPath(path)))
