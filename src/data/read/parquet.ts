import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { BadFile, limits } from './limits.ts'
import type { ParquetContent, ParquetRow } from './parquet-thread.ts'
import type { Table } from './table.ts'

/** `classes`: names of numeric labels by column, where Hugging Face's header states them. */
export type Parquet = {
  readonly columns: readonly string[]
  readonly rows: readonly ParquetRow[]
  readonly classes: Readonly<Record<string, readonly string[]>>
}

/**
 * Rows of a parquet file; snappy, gzip, brotli and (Node 22.15) zstd are unpacked. They are read in a thread of their own, with a bound on time and
 * memory: a forged count inside a page makes the reader count to it.
 * @throws BadFile
 */
export async function readParquet(bytes: Uint8Array): Promise<Parquet> {
  try {
    const { rows, features } = await inThread(bytes)
    return { columns: Object.keys(rows[0] ?? {}), rows, classes: classesIn(features) }
  } catch (cause) {
    if (cause instanceof BadFile) throw cause
    const { message, code, name } = cause as NodeJS.ErrnoException
    if (name === 'AbortError') throw new BadFile('takes longer to read than its size explains: damaged or forged')
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') throw new BadFile('takes more memory than its size explains: damaged or forged')
    throw new BadFile(
      /unsupported compression/.test(message) ? `${message}: write it with snappy or gzip` : `damaged parquet file (${message})`,
    )
  }
}

let pool: Piscina<Uint8Array, ParquetContent> | undefined

/** One thread, ended when nothing was read for a second. */
function inThread(bytes: Uint8Array): Promise<ParquetContent> {
  const isSource = import.meta.url.endsWith('.ts')
  pool ??= new Piscina({
    filename: fileURLToPath(new URL(isSource ? './parquet-thread.ts' : './parquet-thread.js', import.meta.url)),
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: 1000,
    resourceLimits: { maxOldGenerationSizeMb: 8192 },
    ...(isSource ? { execArgv: ['--import', 'tsx'] } : {}),
  })
  const ms = limits.parquetMs + Math.ceil(bytes.length / (1 << 20)) * limits.parquetMsPerMib
  return pool.run(bytes, { signal: AbortSignal.timeout(ms) })
}

/** `features.COLUMN.names` of the key "huggingface". */
function classesIn(text: string | undefined): Record<string, readonly string[]> {
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
