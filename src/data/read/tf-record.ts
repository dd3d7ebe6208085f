import { BadFile, limits } from './limits.ts'

/** The lists of one tf.train.Example by key; numbers as texts. */
export type TfExample = ReadonlyMap<string, { readonly bytes?: Uint8Array; readonly text?: string }>

/** TensorFlow's record file: each record is length, checksum, a tf.train.Example, checksum (checksums are not compared). @throws BadFile */
export function readTfRecords(file: Uint8Array): TfExample[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const examples: TfExample[] = []
  for (let at = 0; at < file.length; ) {
    if (at + 16 > file.length) throw new BadFile('TFRecord ends inside a record')
    const length = Number(view.getBigUint64(at, true))
    if (at + 16 + length > file.length) throw new BadFile('TFRecord ends inside a record')
    if (examples.length >= limits.files) throw new BadFile(`more than ${limits.files} records`)
    examples.push(exampleOf(file.subarray(at + 12, at + 12 + length)))
    at += 16 + length
  }
  return examples
}

function exampleOf(bytes: Uint8Array): TfExample {
  const found = new Map<string, { bytes?: Uint8Array; text?: string }>()
  for (const [, features] of fieldsOf(bytes, 1))
    for (const [, entry] of fieldsOf(features, 1)) {
      const pair = fieldsOf(entry)
      const key = pair.find(([field]) => field === 1)?.[1]
      const value = pair.find(([field]) => field === 2)?.[1]
      if (key && value) found.set(new TextDecoder().decode(key), firstOf(value))
    }
  return found
}

/** The first entry of a bytes_list (1), float_list (2) or int64_list (3). */
function firstOf(feature: Uint8Array): { bytes?: Uint8Array; text?: string } {
  const [kind, list] = fieldsOf(feature)[0] ?? [0, new Uint8Array()]
  const first = fieldsOf(list, 1)[0]?.[1]
  if (!first) return {}
  if (kind === 1) return { bytes: first, text: new TextDecoder().decode(first.subarray(0, 1024)) }
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength)
  if (kind === 2 && first.length >= 4) return { text: String(view.getFloat32(0, true)) }
  if (kind === 3) return { text: String(BigInt.asIntN(64, varint(first, 0)[0])) }
  return {}
}

/** Fields of a protocol buffer message as bytes; only those with this number where one is given. A number alone is handed out as its own bytes. */
function fieldsOf(bytes: Uint8Array, wanted?: number): (readonly [field: number, value: Uint8Array])[] {
  const fields: (readonly [number, Uint8Array])[] = []
  for (let at = 0; at < bytes.length; ) {
    const [tag, afterTag] = varint(bytes, at)
    const [field, wire] = [Number(tag >> 3n), Number(tag & 7n)]
    let [from, to] = [afterTag, afterTag]
    if (wire === 0) to = varint(bytes, afterTag)[1]
    else if (wire === 1) to += 8
    else if (wire === 5) to += 4
    else if (wire === 2) {
      const [length, start] = varint(bytes, afterTag)
      from = start
      to = start + Number(length)
    } else throw new BadFile('damaged tf.train.Example')
    if (to > bytes.length) throw new BadFile('tf.train.Example ends too early')
    if (wanted === undefined || field === wanted) fields.push([field, bytes.subarray(from, to)])
    at = to
  }
  return fields
}

function varint(bytes: Uint8Array, from: number): readonly [value: bigint, after: number] {
  let value = 0n
  for (let k = 0; k < 10; k++) {
    const byte = bytes[from + k]
    if (byte === undefined) throw new BadFile('tf.train.Example ends too early')
    value |= BigInt(byte & 127) << BigInt(7 * k)
    if (byte < 128) return [value, from + k + 1]
  }
  throw new BadFile('damaged tf.train.Example')
}
