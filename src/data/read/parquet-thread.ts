import * as zlib from 'node:zlib'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { gunzip } from './gzip.ts'
import { limits } from './limits.ts'

export type ParquetRow = Readonly<Record<string, unknown>>
/** `features`: what Hugging Face's header says of the columns, as JSON. */
export type ParquetContent = { readonly rows: readonly ParquetRow[]; readonly features: string | undefined }

type Unpack = (data: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array
/** Node has it from 22.15 on; the types are those of the oldest Node that we run on. */
const { zstdDecompressSync: unzstd } = zlib as { readonly zstdDecompressSync?: Unpack }
const zstd = unzstd ? { ZSTD: (data: Uint8Array, size: number) => new Uint8Array(unzstd(data, { maxOutputLength: size })) } : {}

/** Reads a whole file; what a thread runs. */
export default async function read(bytes: Uint8Array): Promise<ParquetContent> {
  // a Buffer's own slice would share the pool
  const file = new Uint8Array(bytes).buffer
  const metadata = parquetMetadata(file)
  const columns = metadata.schema.length
  if (Number(metadata.num_rows) * columns > limits.cells)
    throw new Error(`claims ${metadata.num_rows} rows of ${columns} columns`)
  for (const group of metadata.row_groups)
    for (const { meta_data: column } of group.columns)
      if (Number(column?.total_uncompressed_size ?? 0) > limits.fileBytes) throw new Error('claims more than is unpacked')
  const compressors = {
    GZIP: (data: Uint8Array, size: number) => gunzip(data, size),
    BROTLI: (data: Uint8Array, size: number) => new Uint8Array(zlib.brotliDecompressSync(data, { maxOutputLength: size })),
    ...zstd,
  }
  const rows = await readRows(file, { metadata, utf8: false, compressors })
  return { rows, features: metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value }
}

/**
 * hyparquet begins to read columns before it knows that it can put them together. Where it then gives up, their promises are dropped, and a dropped
 * one that fails ends the process. So bytes are handed out only once everything that is decided beforehand has passed.
 */
async function readRows(
  bytes: ArrayBuffer,
  options: Omit<Parameters<typeof parquetReadObjects>[0], 'file'>,
): Promise<ParquetRow[]> {
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const slice = (start: number, end?: number) => gate.then(() => bytes.slice(start, end))
  const rows = parquetReadObjects({ ...options, file: { byteLength: bytes.byteLength, slice } })
  await Promise.race([rows, new Promise((resolve) => setImmediate(resolve))])
  open()
  return rows
}
