import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../util/hash.ts'
import { writeWhole } from '../util/write-whole.ts'
import type { Decoded } from './decoded.ts'
import { cacheTag, cacheTagText } from './read/tree.ts'

/** Raised whenever the files of an entry change, and with them its key. */
export const cacheVersion = 4

const arrays = { u8: Uint8Array, f32: Float32Array, i32: Int32Array } as const
type ArrayKind = keyof typeof arrays
type Stored = {
  readonly meta: Record<string, unknown>
  readonly parts: { name: string; kind: ArrayKind; length: number }[]
  readonly sha256: string
}

/**
 * The decoded form of a data set on disk, so that thousands of pictures are decoded once: `KEY.json` (what) and `KEY.bin` (values).
 * The key covers the files' bytes, the manifest and the preprocessing version. A damaged or half-written entry counts as absent;
 * a folder that cannot be written costs the cache, not the data set.
 */
export async function cached(folder: string, key: string, make: () => Promise<Decoded>): Promise<Decoded> {
  const found = load(folder, key)
  if (found) return found
  const made = await make()
  try {
    store(folder, key, made)
  } catch (cause) {
    return { ...made, notes: [...made.notes, `nothing was cached: ${(cause as Error).message}`] }
  }
  return made
}

function store(folder: string, key: string, data: Decoded): void {
  const { samples, labels, groups, given, seconds, windows, background, ...meta } = data
  const fields = {
    samples,
    labels: labels.values,
    groups,
    given,
    seconds,
    recording: windows?.recording,
    start: windows?.start,
    background,
  }
  const parts: Stored['parts'] = []
  const chunks: Buffer[] = []
  for (const [name, values] of Object.entries(fields)) {
    if (!values) continue
    const kind = (Object.keys(arrays) as ArrayKind[]).find((k) => values instanceof arrays[k])!
    parts.push({ name, kind, length: values.length })
    chunks.push(Buffer.from(values.buffer, values.byteOffset, values.byteLength))
    chunks.push(Buffer.alloc(-values.byteLength & 3)) // keep every part aligned to four bytes
  }
  const bytes = Buffer.concat(chunks)
  const stored: Stored = {
    meta: { ...meta, labelWidth: labels.width, windowLength: windows?.length },
    parts,
    sha256: sha256(bytes),
  }
  writeWhole(join(folder, `${key}.bin`), bytes)
  writeWhole(join(folder, `${key}.json`), JSON.stringify(stored))
  if (!existsSync(join(folder, cacheTag))) writeWhole(join(folder, cacheTag), cacheTagText)
}

function load(folder: string, key: string): Decoded | undefined {
  try {
    const { meta, parts, sha256: expected } = JSON.parse(readFileSync(join(folder, `${key}.json`), 'utf8')) as Stored
    const bytes = readFileSync(join(folder, `${key}.bin`))
    if (sha256(bytes) !== expected) return undefined
    const fields: Record<string, Uint8Array | Float32Array | Int32Array> = {}
    let at = 0
    for (const { name, kind, length } of parts) {
      const size = length * arrays[kind].BYTES_PER_ELEMENT
      const buffer = new SharedArrayBuffer(size)
      new Uint8Array(buffer).set(bytes.subarray(at, at + size))
      fields[name] = kind === 'u8' ? new Uint8Array(buffer) : kind === 'f32' ? new Float32Array(buffer) : new Int32Array(buffer)
      at += size + (-size & 3)
    }
    const { recording, start, labels, ...rest } = fields
    const { labelWidth, windowLength, ...plain } = meta
    return {
      ...plain,
      ...rest,
      labels: { values: labels, width: labelWidth },
      ...(recording ? { windows: { recording, start, length: windowLength } } : {}),
    } as unknown as Decoded
  } catch {
    return undefined // absent, unreadable or damaged: made anew
  }
}
