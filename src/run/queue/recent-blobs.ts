import type { Address } from '../jobs/blobs.ts'
import { type BlobStore, shared } from './blob-store.ts'

/** Weights of some hundred small networks. */
const usualCapBytes = 64 << 20

/**
 * What this machine had in hand lately: what it made is often the next job's input, and many jobs begin with one relative's weights. It hands out
 * copies, so that jobs side by side share nothing.
 */
export function withRecent(store: BlobStore, capBytes = usualCapBytes): BlobStore {
  const recent = new Map<Address, Uint8Array>()
  let total = 0
  const drop = (address: Address) => {
    total -= recent.get(address)?.length ?? 0
    recent.delete(address)
  }
  const keep = (address: Address, bytes: Uint8Array) => {
    drop(address)
    recent.set(address, bytes)
    total += bytes.length
    for (const oldest of recent.keys()) if (total > capBytes) drop(oldest)
  }
  return {
    ...store,
    async put(address, bytes) {
      await store.put(address, bytes)
      keep(address, bytes)
    },
    async get(address) {
      const bytes = recent.get(address) ?? (await store.get(address))
      if (!bytes) return undefined
      keep(address, bytes)
      return shared([bytes])
    },
  }
}
