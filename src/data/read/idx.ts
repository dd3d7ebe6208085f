import { BadFile, limits } from './limits.ts'

export type IdxArray = { readonly dims: readonly number[]; readonly data: Uint8Array }

/**
 * IDX, the format of MNIST (yann.lecun.com/exdb/mnist): two zero bytes, a type code (only 0x08, unsigned byte, is read), the number of
 * dimensions, big-endian sizes, values. @throws BadFile if the header is wrong or the length does not match it.
 */
export function readIdx(bytes: Uint8Array): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 8 || view.getUint16(0) !== 0) throw new BadFile('not an IDX file')
  if (bytes[2] !== 8) throw new BadFile(`IDX of type 0x${bytes[2]!.toString(16)}: only unsigned bytes (0x8) are read`)
  const rank = bytes[3]!
  if (rank < 1 || rank > 4 || bytes.length < 4 + 4 * rank) throw new BadFile(`IDX with ${rank} dimensions`)
  const dims = Array.from({ length: rank }, (_, d) => view.getUint32(4 + 4 * d))
  const size = dims.reduce((a, b) => a * b, 1)
  if (size > limits.fileBytes || bytes.length !== 4 + 4 * rank + size)
    throw new BadFile(`IDX of ${dims.join(' x ')} should have ${4 + 4 * rank + size} bytes, has ${bytes.length}`)
  return { dims, data: bytes.subarray(4 + 4 * rank) }
}
