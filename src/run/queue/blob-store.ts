import { sha256 } from '../../util/hash.ts'
import type { Address } from '../jobs/blobs.ts'

/** Bytes by the hash of what they are, for everybody at work on a study. */
export type BlobStore = {
  /** Which of these are not there. */
  missing(addresses: readonly Address[]): Promise<Address[]>
  put(address: Address, bytes: Uint8Array): Promise<void>
  /** Undefined where it is not there or is damaged. */
  get(address: Address): Promise<Uint8Array | undefined>
  remove(addresses: readonly Address[]): Promise<void>
}

/** An address comes from elsewhere: it names a file or a key only when it is one. */
export const isAddress = (text: unknown): text is Address => typeof text === 'string' && /^[0-9a-f]{64}$/.test(text)

export const checked = (address: Address, bytes: Uint8Array): Uint8Array | undefined =>
  sha256(bytes) === address ? bytes : undefined

/** A copy in memory that threads share. */
export function shared(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(new SharedArrayBuffer(parts.reduce((sum, p) => sum + p.length, 0)))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
