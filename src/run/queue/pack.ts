import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'

/** Largest part that travels and lies in Redis as one value. */
const partBytes = 4 << 20
const [deflate, inflate] = [promisify(deflateRaw), promisify(inflateRaw)]

/** Bytes on their way: parts of at most 4 MiB, each compressed where that helps. First byte: 1 = deflated. */
export async function packed(bytes: Uint8Array): Promise<Buffer[]> {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length || at === 0; at += partBytes) {
    const raw = bytes.subarray(at, at + partBytes)
    const small = await deflate(raw, { level: 1 })
    parts.push(small.length < 0.95 * raw.length ? Buffer.concat([Buffer.of(1), small]) : Buffer.concat([Buffer.of(0), raw]))
  }
  return parts
}

/** One part as it was, never more than a part holds: a bomb is refused. */
export async function unpacked(part: Uint8Array): Promise<Uint8Array> {
  if (part[0] === 0) return part.subarray(1)
  return inflate(part.subarray(1), { maxOutputLength: partBytes })
}
