import { brotliDecompressSync } from 'node:zlib'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { gunzip } from './gzip.ts'
import { BadFile, limits } from './limits.ts'
import type { Table } from './table.ts'

export type ParquetRow = Readonly<Record<string, unknown>>
/** `classes`: names of numeric labels by column, where Hugging Face's header states them. */
export type Parquet = {
  readonly columns: readonly string[]
  readonly rows: readonly ParquetRow[]
  readonly classes: Readonly<Record<string, readonly string[]>>
}

/** Rows of a parquet file; snappy, gzip and brotli are unpacked. @throws BadFile */
export async function readParquet(bytes: Uint8Array): Promise<Parquet> {
  const file = bytes.slice().buffer
  try {
    const metadata = parquetMetadata(file)
    const columns = metadata.schema.length
    if (Number(metadata.num_rows) * columns > limits.cells)
      throw new BadFile(`claims ${metadata.num_rows} rows of ${columns} columns`)
    for (const group of metadata.row_groups)
      for (const { meta_data: column } of group.columns)
        if (Number(column?.total_uncompressed_size ?? 0) > limits.fileBytes) throw new BadFile('claims more than is unpacked')
    const compressors = {
      GZIP: (data: Uint8Array, size: number) => gunzip(data, size),
      BROTLI: (data: Uint8Array, size: number) => new Uint8Array(brotliDecompressSync(data, { maxOutputLength: size })),
    }
    const rows = await parquetReadObjects({ file, metadata, utf8: false, compressors })
    return { columns: Object.keys(rows[0] ?? {}), rows, classes: classesIn(metadata.key_value_metadata ?? []) }
  } catch (cause) {
    if (cause instanceof BadFile) throw cause
    const { message } = cause as Error
    throw new BadFile(/ZSTD|LZ4/.test(message) ? `${message}: write it with snappy or gzip` : `damaged parquet file (${message})`)
  }
}

/** `features.COLUMN.names` of the key "huggingface". */
function classesIn(pairs: readonly { readonly key: string; readonly value?: string }[]): Record<string, readonly string[]> {
  const text = pairs.find(({ key }) => key === 'huggingface')?.value
  if (!text) return {}
  let features: unknown
  try {
    features = (JSON.parse(text) as { info?: { features?: unknown } } | null)?.info?.features
  } catch {
    return {} // the names are a help, not the data
  }
  return Object.fromEntries(
    Object.entries(features ?? {}).flatMap(([column, feature]: [string, { names?: unknown } | null]) =>
      Array.isArray(feature?.names) ? [[column, feature.names.map(String)] as const] : [],
    ),
  )
}

/** The rows as a table of texts; a list of numbers becomes a column for each of them, a class its name. */
export function tableOf({ columns, rows, classes }: Parquet): Table {
  const widths = columns.map((name) => {
    const first = rows.find((row) => row[name] !== null && row[name] !== undefined)?.[name]
    return isList(first) ? first.length : 0
  })
  if (widths.reduce((sum, w) => sum + Math.max(1, w), 0) * rows.length > limits.cells) throw new BadFile('too many cells')
  const header = columns.flatMap((name, c) =>
    widths[c]! > 0 ? Array.from({ length: widths[c]! }, (_, k) => `${name}_${k}`) : [name],
  )
  const cells = rows.map((row) =>
    columns.flatMap((name, c) => {
      const value = row[name]
      if (widths[c]! === 0) return [textOf(value, classes[name])]
      if (!isList(value) || value.length !== widths[c]) throw new BadFile(`column ${name}: lists of different lengths`)
      return Array.from(value, (v) => textOf(v))
    }),
  )
  return { header, rows: cells }
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  (Array.isArray(value) || ArrayBuffer.isView(value)) && 'length' in value && !(value instanceof Uint8Array)

function textOf(value: unknown, names?: readonly string[]): string {
  if (value === null || value === undefined) return ''
  if (names && (typeof value === 'number' || typeof value === 'bigint')) return names[Number(value)] ?? String(value)
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  return typeof value === 'object' ? '' : String(value)
}
