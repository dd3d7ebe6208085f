import { BadFile } from './limits.ts'

export type NpyArray = { readonly rows: number; readonly columns: number; readonly at: (row: number, column: number) => number }

const kinds: Readonly<Record<string, readonly [bytes: number, read: (v: DataView, at: number) => number]>> = {
  '|u1': [1, (v, at) => v.getUint8(at)],
  '|i1': [1, (v, at) => v.getInt8(at)],
  '<i2': [2, (v, at) => v.getInt16(at, true)],
  '<u2': [2, (v, at) => v.getUint16(at, true)],
  '<i4': [4, (v, at) => v.getInt32(at, true)],
  '<f4': [4, (v, at) => v.getFloat32(at, true)],
  '<f8': [8, (v, at) => v.getFloat64(at, true)],
}

/**
 * A one- or two-dimensional .npy array (format 1.0 and 2.0, numpy.org NEP 1): `rows` samples of `columns` channels, C order.
 * @throws BadFile for other types, orders, ranks, or a length that does not match the header.
 */
export function readNpy(bytes: Uint8Array): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 12 || view.getUint32(0) !== 0x934e554d || view.getUint16(4) !== 0x5059) throw new BadFile('not a .npy file')
  const version = bytes[6]!
  const start = version === 1 ? 10 : 12
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (start + headerLength > bytes.length) throw new BadFile('.npy header reaches beyond the file')
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + headerLength))
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '?'
  const kind = Object.hasOwn(kinds, type) ? kinds[type]! : undefined
  if (!kind) throw new BadFile(`.npy of type ${type}; read are ${Object.keys(kinds).join(' ')}`)
  if (!/'fortran_order':\s*False/.test(header)) throw new BadFile('.npy in Fortran order')
  const dims = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((s) => s.trim())
    .map(Number)
  const [rows, columns = 1] = dims
  if (dims.length < 1 || dims.length > 2 || !dims.every((n) => Number.isInteger(n) && n >= 0))
    throw new BadFile(`.npy of shape (${dims.join(', ')}): one or two dimensions are read`)
  const [size, read] = kind
  const data = start + headerLength
  if (data + rows! * columns * size !== bytes.length) throw new BadFile('.npy length does not match its shape')
  return { rows: rows!, columns, at: (row, column) => read(view, data + (row * columns + column) * size) }
}
