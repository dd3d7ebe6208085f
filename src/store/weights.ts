import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { TinyfrontError } from '../util/errors.ts'
import { sha256 } from '../util/hash.ts'
import { decodeSafetensors, type TensorFile } from './safetensors.ts'
import { writeStored } from './write-stored.ts'

/** Weights of a study's trials, named by the hash of their bytes: `results/STUDY/weights/HASH.safetensors`. */
export type WeightStore = {
  /** Stores a safetensors file (durably) and returns its address; equal weights are one file. */
  put(bytes: Uint8Array): Promise<string>
  /** The file. Throws a store error where it is missing or is not what its address says. */
  bytes(address: string): Uint8Array
  /** What the file holds. */
  get(address: string): TensorFile
  has(address: string): boolean
  /** Path of a stored file. */
  path(address: string): string
  /**
   * Deletes the oldest files until the folder is within its cap, but never one of `keep` (front members and parents of running
   * trials): if these alone exceed the cap, they stay. Returns what was deleted.
   */
  collect(keep: ReadonlySet<string>): string[]
}

export function openWeights(studyFolder: string, options: { capBytes: number }): WeightStore {
  const folder = join(studyFolder, 'weights')
  const path = (address: string) => join(folder, `${address}.safetensors`)
  const bytes = (address: string): Uint8Array => {
    const file = path(address)
    if (!existsSync(file)) throw new TinyfrontError('store', `${file}: missing`, 'train the network again: polish does')
    const stored = readFileSync(file)
    if (sha256(stored) !== address)
      throw new TinyfrontError(
        'store',
        `${file}: its bytes are not those that were stored`,
        'delete it and train the network again',
      )
    return stored
  }
  return {
    path,
    has: (address) => existsSync(path(address)),
    async put(bytes) {
      const address = sha256(bytes)
      if (existsSync(path(address))) return address
      writeStored(path(address), bytes)
      return address
    },
    get: (address) => decodeSafetensors(bytes(address), path(address)),
    bytes,
    collect(keep) {
      if (!existsSync(folder)) return []
      const files = readdirSync(folder)
        .filter((name) => name.endsWith('.safetensors'))
        .map((name) => ({ address: name.slice(0, -'.safetensors'.length), stat: statSync(join(folder, name)) }))
        .sort((a, b) => a.stat.mtimeMs - b.stat.mtimeMs || (a.address < b.address ? -1 : 1))
      let total = files.reduce((sum, f) => sum + f.stat.size, 0)
      const dropped: string[] = []
      for (const { address, stat } of files) {
        if (total <= options.capBytes) break
        if (keep.has(address)) continue
        rmSync(path(address))
        total -= stat.size
        dropped.push(address)
      }
      return dropped
    },
  }
}
