import type { Dataset } from '../../data/dataset.ts'
import { type Address, type Blob, fileBlob } from '../jobs/blobs.ts'
import { isAddress } from './blob-store.ts'

const arrayTypes = { Uint8Array, Float32Array, Int32Array } as const
type ArrayType = keyof typeof arrayTypes
/** Where an array of numbers stood. */
type Stand = { readonly bytes: Address; readonly of: ArrayType }

const typeOf = (value: unknown): ArrayType | undefined =>
  (Object.keys(arrayTypes) as ArrayType[]).find((name) => value instanceof arrayTypes[name])

/** A data set as one small text and the arrays of numbers that it names: what a worker needs of the data, decoded and split. */
export function datasetBlobs(dataset: Dataset): { readonly manifest: Blob; readonly arrays: readonly Blob[] } {
  const arrays: Blob[] = []
  const text = JSON.stringify(dataset, (key, value: unknown) => {
    if (key === 'report') return undefined
    const of = typeOf(value)
    if (of === undefined) return value
    const { buffer, byteOffset, byteLength } = value as Uint8Array
    const blob = fileBlob(new Uint8Array(buffer, byteOffset, byteLength))
    arrays.push(blob)
    return { bytes: blob.address, of } satisfies Stand
  })
  return { manifest: fileBlob(new TextEncoder().encode(text)), arrays }
}

/** The data set again, its arrays in shared memory. @throws Error where bytes are missing. */
export async function datasetFrom(
  address: Address,
  get: (address: Address) => Promise<Uint8Array | undefined>,
): Promise<Dataset> {
  const fetched = async (a: Address) => {
    const bytes = await get(a)
    if (!bytes) throw new Error(`the data set's bytes ${a.slice(0, 12)} are not in the store`)
    return bytes
  }
  const revive = async (value: unknown): Promise<unknown> => {
    if (Array.isArray(value)) return Promise.all(value.map(revive))
    if (value === null || typeof value !== 'object') return value
    if (isStand(value)) {
      return arrayOf(value.of, await fetched(value.bytes))
    }
    const entries = await Promise.all(Object.entries(value).map(async ([k, v]) => [k, await revive(v)] as const))
    return Object.fromEntries(entries)
  }
  return (await revive(JSON.parse(new TextDecoder().decode(new Uint8Array(await fetched(address)))))) as Dataset
}

function arrayOf(of: ArrayType, { buffer, byteOffset, byteLength }: Uint8Array): Uint8Array | Float32Array | Int32Array {
  const length = byteLength / arrayTypes[of].BYTES_PER_ELEMENT
  switch (of) {
    case 'Uint8Array':
      return new Uint8Array(buffer, byteOffset, length)
    case 'Float32Array':
      return new Float32Array(buffer, byteOffset, length)
    case 'Int32Array':
      return new Int32Array(buffer, byteOffset, length)
  }
}

const isStand = (value: object): value is Stand =>
  'bytes' in value && isAddress(value.bytes) && 'of' in value && String(value.of) in arrayTypes
