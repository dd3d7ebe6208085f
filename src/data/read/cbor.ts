import { BadFile } from './limits.ts'

const deepest = 32

/**
 * CBOR (RFC 8949) as devices write it: numbers, text, bytes, arrays, maps, tags (passed over). Maps become objects with keys of text.
 * @throws BadFile
 */
export function readCbor(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const take = (n: number): number => {
    if (at + n > bytes.length) throw new BadFile('CBOR ends too early')
    at += n
    return at - n
  }
  /** The count or value of a head; undefined = until a break. */
  const argument = (low: number): number | undefined => {
    if (low < 24) return low
    if (low === 24) return view.getUint8(take(1))
    if (low === 25) return view.getUint16(take(2))
    if (low === 26) return view.getUint32(take(4))
    if (low === 27) return Number(view.getBigUint64(take(8)))
    if (low === 31) return undefined
    throw new BadFile('damaged CBOR')
  }
  /** Items of an array or a map; every item takes a byte, so a count beyond the rest is forged. */
  const each = (count: number | undefined, item: () => void) => {
    if (count !== undefined && count > bytes.length - at) throw new BadFile('CBOR claims more than it holds')
    for (let n = 0; count === undefined ? bytes[at] !== 0xff : n < count; n++) {
      if (at >= bytes.length) throw new BadFile('CBOR ends too early')
      item()
    }
    if (count === undefined) at++
  }
  const string = (low: number, depth: number): Uint8Array => {
    const count = argument(low)
    if (count !== undefined) {
      const from = take(count)
      return bytes.subarray(from, from + count)
    }
    const parts: Uint8Array[] = []
    each(undefined, () => {
      const part = value(depth + 1)
      parts.push(typeof part === 'string' ? new TextEncoder().encode(part) : part instanceof Uint8Array ? part : new Uint8Array())
    })
    return Buffer.concat(parts)
  }
  const value = (depth: number): unknown => {
    if (depth > deepest) throw new BadFile('CBOR nested too deeply')
    const head = view.getUint8(take(1))
    const [major, low] = [head >> 5, head & 31]
    if (major === 0 || major === 1) {
      const n = argument(low)
      if (n === undefined) throw new BadFile('damaged CBOR')
      return major === 0 ? n : -1 - n
    }
    if (major === 2) return string(low, depth)
    if (major === 3) return new TextDecoder().decode(string(low, depth))
    if (major === 4) {
      const items: unknown[] = []
      each(argument(low), () => items.push(value(depth + 1)))
      return items
    }
    if (major === 5) {
      const map = new Map<string, unknown>()
      each(argument(low), () => {
        const key = String(value(depth + 1))
        map.set(key, value(depth + 1))
      })
      return Object.fromEntries(map)
    }
    if (major === 6) {
      argument(low)
      return value(depth + 1)
    }
    if (low === 20 || low === 21) return low === 21
    if (low === 22 || low === 23) return null
    if (low === 25) return half(view.getUint16(take(2)))
    if (low === 26) return view.getFloat32(take(4))
    if (low === 27) return view.getFloat64(take(8))
    throw new BadFile('damaged CBOR')
  }
  return value(0)
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
  const size =
    exponent === 31
      ? fraction
        ? Number.NaN
        : Infinity
      : exponent
        ? ((1 + fraction / 1024) * (1 << exponent)) / 32768
        : fraction / 16777216
  return bits & 0x8000 ? -size : size
}
