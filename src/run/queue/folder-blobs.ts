import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../../util/write-whole.ts'
import { type BlobStore, checked, isAddress, shared } from './blob-store.ts'

const fileOf = (folder: string, address: string): string => {
  if (!isAddress(address)) throw new Error('not an address of bytes')
  return join(folder, address.slice(0, 2), address)
}

/** Blobs as files, in a folder that all machines see. */
export function folderBlobs(folder: string): BlobStore {
  return {
    missing: async (addresses) => addresses.filter((a) => !existsSync(fileOf(folder, a))),
    put: async (address, bytes) => writeWhole(fileOf(folder, address), bytes),
    get: async (address) => read(fileOf(folder, address), address),
    async remove(addresses) {
      for (const a of addresses) rmSync(fileOf(folder, a), { force: true })
    },
  }
}

function read(file: string, address: string): Uint8Array | undefined {
  if (!existsSync(file)) return undefined
  const bytes = checked(address, readFileSync(file))
  return bytes && shared([bytes])
}

/** What a machine keeps of another store: at most `capBytes`, the longest unused goes first. A full disk is no fault, only slower. */
export function withCache(store: BlobStore, folder: string, capBytes: number, onTrouble: (what: string) => void): BlobStore {
  mkdirSync(folder, { recursive: true })
  const trimmed = (room: number) => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((f) => f.isFile() && isAddress(f.name))
      .map((f) => join(f.parentPath, f.name))
      .map((file) => ({ file, ...statSync(file) }))
      .sort((a, b) => a.mtimeMs - b.mtimeMs)
    let total = files.reduce((sum, f) => sum + f.size, room)
    for (const { file, size } of files) {
      if (total <= capBytes) break
      rmSync(file, { force: true })
      total -= size
    }
  }
  return {
    ...store,
    async get(address) {
      const file = fileOf(folder, address)
      const kept = read(file, address)
      if (kept) {
        const now = new Date()
        utimesSync(file, now, now)
        return kept
      }
      const bytes = await store.get(address)
      if (!bytes || bytes.length > capBytes) return bytes
      try {
        trimmed(bytes.length)
        writeWhole(file, bytes)
      } catch (error) {
        onTrouble(`cache ${folder}: ${(error as NodeJS.ErrnoException).code ?? error}`)
      }
      return bytes
    },
  }
}
