import type { Address } from '../jobs/blobs.ts'
import type { BlobStore } from './blob-store.ts'

/** Bytes that no job names any more are kept so long: a worker may still be at work on a late twin. */
const idleMs = 60_000

/**
 * Puts the inputs of jobs into a store, and takes out what no job in flight names any more, so that a store holds what is at work and not the whole
 * study. What is taken out too early is no loss: the coordinator has the bytes and brings them again.
 */
export function blobKeeper(store: BlobStore, clock: () => number) {
  const stored = new Map<Address, { uses: number; idleSince: number }>()
  const entryOf = (address: Address) => {
    const entry = stored.get(address) ?? { uses: 0, idleSince: clock() }
    stored.set(address, entry)
    return entry
  }
  /** Many jobs name the same teacher; its logits go up once. */
  const underway = new Map<Address, Promise<void>>()
  const putOnce = (address: Address, bytes: Uint8Array): Promise<void> => {
    const put = underway.get(address) ?? store.put(address, bytes).finally(() => underway.delete(address))
    underway.set(address, put)
    return put
  }
  return {
    /** The store has these from now on. */
    async bring(inputs: ReadonlyMap<Address, Uint8Array>): Promise<void> {
      const absent = await store.missing([...inputs.keys()])
      await Promise.all(absent.map((address) => putOnce(address, inputs.get(address)!)))
    },
    use(addresses: Iterable<Address>): void {
      for (const address of addresses) entryOf(address).uses++
    },
    release(addresses: Iterable<Address>): void {
      for (const address of addresses) {
        const entry = entryOf(address)
        entry.uses--
        entry.idleSince = clock()
      }
    },
    /** A worker brought these; nobody names them yet. */
    seen(addresses: Iterable<Address>): void {
      for (const address of addresses) entryOf(address).idleSince = clock()
    },
    async sweep(): Promise<void> {
      const idle = [...stored].filter(([, e]) => e.uses <= 0 && clock() - e.idleSince > idleMs).map(([address]) => address)
      for (const address of idle) stored.delete(address)
      await store.remove(idle)
    },
    /** The study is over: nothing of it is left. */
    async end(more: Iterable<Address>): Promise<void> {
      await store.remove([...new Set([...stored.keys(), ...more])])
    },
  }
}
