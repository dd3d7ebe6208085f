import { BadFile } from './limits.ts'

export type NpyArray = { readonly rows: number; readonly columns: number; readonly at: (row: number, column: number) => number }

const kinds: Readonly<Record<string, readonly [bytes: number, read: (v: DataView, at: number) => number]>> = {
  '|u1': [1, (v, at) => v.getUint8(at)],
  '|i1': [1, (v, at) => v.getInt8(at)],
  '<i2': [2, (v, at) => v.getInt16(at, true)],
  '<u2': [2, (v, at) => v.getUint16(at, true)],
  '<i4': [4, (v, at) => v.getInt32(at, true)],
  '<u4': [4, (v, at) => v.getUint32(at, true)],
  '<i8': [8, (v, at) => Number(v.getBigInt64(at, true))],
  '<u8': [8, (v, at) => Number(v.getBigUint64(at, true))],
  '|b1': [1, (v, at) => v.getUint8(at)],
  '<f4': [4, (v, at) => v.getFloat32(at, true)],
  '<f8': [8, (v, at) => v.getFloat64(at, true)],
}

/** An array of any rank, C order: numbers by their place, or texts. */
export type NdArray = {
  readonly dims: readonly number[]
  /** Bytes, which pictures usually are. */
  readonly isBytes: boolean
  readonly at: (index: number) => number
  /** The value as a text; numbers as they are printed. */
  readonly textAt: (index: number) => string
}

/** A .npy array (format 1.0 to 3.0, numpy.org NEP 1). @throws BadFile for other types, orders, or a length that does not match the header. */
export function readNdArray(bytes: Uint8Array): NdArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 12 || view.getUint32(0) !== 0x934e554d || view.getUint16(4) !== 0x5059) throw new BadFile('not a .npy file')
  const version = bytes[6]!
  const start = version === 1 ? 10 : 12
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (start + headerLength > bytes.length) throw new BadFile('.npy header reaches beyond the file')
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + headerLength))
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '?'
  const letters = /^<U(\d+)$/.exec(type)
  const kind = letters ? textKind(Number(letters[1])) : Object.hasOwn(kinds, type) ? kinds[type]! : undefined
  if (!kind) throw new BadFile(`.npy of type ${type}; read are ${Object.keys(kinds).join(' ')} and <U`)
  if (!/'fortran_order':\s*False/.test(header)) throw new BadFile('.npy in Fortran order')
  const dims = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((s) => s.trim())
    .map(Number)
  const [size, read] = kind
  const data = start + headerLength
  const count = dims.reduce((product, n) => product * n, 1)
  if (!dims.every((n) => Number.isInteger(n) && n >= 0)) throw new BadFile(`.npy of shape (${dims.join(', ')})`)
  if (data + count * size !== bytes.length) throw new BadFile('.npy length does not match its shape')
  const at = (index: number) => read(view, data + index * size)
  const textAt = (index: number) => (letters ? textOf(view, data + index * size, size) : String(at(index)))
  return { dims, isBytes: type === '|u1', at, textAt }
}

type Kind = (typeof kinds)[string]

/** Fixed-width text: it is no number. */
const textKind = (letters: number): Kind => [4 * letters, () => Number.NaN]

/** UTF-32, padded with zeros. */
function textOf(view: DataView, from: number, size: number): string {
  let text = ''
  for (let at = from; at < from + size; at += 4) {
    const code = view.getUint32(at, true)
    if (code > 0x10ffff) throw new BadFile('.npy with damaged text')
    if (code !== 0) text += String.fromCodePoint(code)
  }
  return text
}

/** A one- or two-dimensional array: `rows` samples of `columns` channels. @throws BadFile for other ranks and for text */
export function readNpy(bytes: Uint8Array): NpyArray {
  const { dims, at } = readNdArray(bytes)
  const [rows, columns = 1] = dims
  if (rows === undefined || dims.length > 2)
    throw new BadFile(`.npy of shape (${dims.join(', ')}): one or two dimensions are read`)
  return { rows, columns, at: (row, column) => at(row * columns + column) }
}
