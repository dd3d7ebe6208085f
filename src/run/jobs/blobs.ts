import type { Weights } from '../../graph/weights.ts'
import { decodeSafetensors, encodeSafetensors } from '../../store/safetensors.ts'
import { sha256 } from '../../util/hash.ts'

/** SHA-256 of bytes, in hex: how jobs and results name what is too large to stand in them. */
export type Address = string

/** Bytes by address. */
export type Blobs = { get(address: Address): Uint8Array | undefined }

/** Bytes with the name that they go by. */
export type Blob = { readonly address: Address; readonly bytes: Uint8Array }

const blobOf = (bytes: Uint8Array): Blob => ({ address: sha256(bytes), bytes })
export const weightsBlob = (weights: Weights): Blob => blobOf(encodeSafetensors(weights))
export const fileBlob = blobOf

/** Values in shared memory: threads get a view, not a copy. */
export function floatsBlob(values: Float32Array): Blob {
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength))
  shared.set(values)
  return blobOf(new Uint8Array(shared.buffer))
}

export const blobs = (...all: readonly Blob[]): Blobs & Iterable<readonly [Address, Uint8Array]> =>
  new Map(all.map(({ address, bytes }) => [address, bytes]))

/** What one of several places has. */
export const eitherOf = (...places: readonly Blobs[]): Blobs => ({
  get(address) {
    for (const place of places) {
      const bytes = place.get(address)
      if (bytes) return bytes
    }
    return undefined
  },
})

export const noBlobs: Blobs = blobs()

/** @throws Error where a job or a result names what nobody brought: a mistake of the program. */
export function bytesOf(from: Blobs, address: Address): Uint8Array {
  const bytes = from.get(address)
  if (!bytes) throw new Error(`nobody has the bytes of ${address}`)
  return bytes
}
export const weightsOf = (from: Blobs, address: Address): Weights => decodeSafetensors(bytesOf(from, address), address).tensors

export function floatsOf(from: Blobs, address: Address): Float32Array {
  const { buffer, byteOffset, byteLength } = bytesOf(from, address)
  return new Float32Array(buffer, byteOffset, byteLength / 4)
}
