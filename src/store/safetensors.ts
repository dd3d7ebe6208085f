import { TinyfrontError } from '../util/errors.ts'

export type Tensors = Readonly<Record<string, Float32Array>>
export type TensorFile = {
  readonly tensors: Tensors
  readonly shapes: Readonly<Record<string, readonly number[]>>
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * The safetensors format (github.com/huggingface/safetensors): u64 length of a JSON header, the header padded with spaces to 8 bytes, then
 * the little-endian values. Names are sorted, so that equal weights are equal bytes. Without a shape a tensor is a vector.
 */
export function encodeSafetensors(
  tensors: Tensors,
  options: { shapes?: ReadonlyMap<string, readonly number[]>; metadata?: Readonly<Record<string, string>> } = {},
): Uint8Array {
  const names = Object.keys(tensors).sort()
  const header: Record<string, unknown> = options.metadata ? { __metadata__: options.metadata } : {}
  let end = 0
  for (const name of names) {
    const shape = options.shapes?.get(name) ?? [tensors[name]!.length]
    if (product(shape) !== tensors[name]!.length)
      throw new RangeError(`tensor ${name} of ${tensors[name]!.length} values is not ${shape.join('x')}`)
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += 4 * tensors[name]!.length)] }
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const start = 8 + Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(start + end).fill(32, 8 + json.length, start)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(start - 8), true)
  bytes.set(json, 8)
  let at = start
  for (const name of names) for (const value of tensors[name]!) view.setFloat32((at += 4) - 4, value, true)
  return bytes
}

/** Reads float32 tensors; throws a store error naming `file` where the bytes are not what the format demands. */
export function decodeSafetensors(bytes: Uint8Array, file: string): TensorFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = bytes.length >= 8 ? Number(view.getBigUint64(0, true)) : Number.POSITIVE_INFINITY
  if (8 + size > bytes.length) throw damaged(file, 'the header is cut off')
  const header = parseHeader(bytes.subarray(8, 8 + size), file)
  const tensors: Record<string, Float32Array> = {}
  const shapes: Record<string, readonly number[]> = {}
  let metadata: Record<string, string> = {}
  let covered = 0
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = entry as Record<string, string>
      continue
    }
    const { dtype, shape, data_offsets: offsets } = entry as { dtype?: unknown; shape?: unknown; data_offsets?: unknown }
    if (dtype !== 'F32') throw damaged(file, `${name}: type ${dtype}, only F32 is read`)
    if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) throw damaged(file, `${name}: no shape and offsets`)
    const [from, to] = offsets as [number, number]
    const count = product(shape)
    if (to - from !== 4 * count || 8 + size + to > bytes.length)
      throw damaged(file, `${name}: ${shape.join('x')} values do not lie at ${from}..${to}`)
    tensors[name] = Float32Array.from({ length: count }, (_, i) => view.getFloat32(8 + size + from + 4 * i, true))
    shapes[name] = shape
    covered += to - from
  }
  if (8 + size + covered !== bytes.length) throw damaged(file, 'values overlap or are left over')
  return { tensors, shapes, metadata }
}

function parseHeader(bytes: Uint8Array, file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // said below
  }
  throw damaged(file, 'the header is not JSON')
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0)
const damaged = (file: string, what: string): TinyfrontError =>
  new TinyfrontError('store', `${file}: not a safetensors file: ${what}`, 'restore it from a copy, or train the network again')
