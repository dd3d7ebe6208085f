/** Bytes that the allocated sections of an ELF file (32 bit, little endian) take. */
export type SectionBytes = { readonly code: number; readonly constants: number; readonly data: number; readonly zeroed: number }

const allocated = 2
const executable = 4
const writable = 1
const noBits = 8

/** Sums over the sections of an object or program. Throws RangeError where the file is not such an ELF file. */
export function sectionBytes(file: Uint8Array): SectionBytes {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (view.getUint32(0) !== 0x7f454c46 || view.getUint8(4) !== 1 || view.getUint8(5) !== 1)
    throw new RangeError('not a 32-bit little-endian ELF file')
  const table = view.getUint32(32, true)
  const entry = view.getUint16(46, true)
  const count = view.getUint16(48, true)
  const sum = { code: 0, constants: 0, data: 0, zeroed: 0 }
  for (let i = 0; i < count; i++) {
    const at = table + i * entry
    const [type, flags, size] = [view.getUint32(at + 4, true), view.getUint32(at + 8, true), view.getUint32(at + 20, true)]
    if ((flags & allocated) === 0) continue
    const kind = flags & executable ? 'code' : flags & writable ? (type === noBits ? 'zeroed' : 'data') : 'constants'
    sum[kind] += size
  }
  return sum
}
