import { readFileSync } from 'node:fs'
import { usageError } from '../../util/errors.ts'

/**
 * Teacher logits of any framework: a NumPy file (format 1.0 to 3.0) of float32 or float64 `[train examples, classes]`, in the order of the train split
 * (`data inspect --json` lists it). Untrusted: the header is bounded and the size must fit exactly.
 */
export function readNpyLogits(file: string, rows: number, classes: number): Float32Array {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw usageError(`${file}: cannot be read`, 'pass --teacher none, --teacher auto, or the path of logits in .npy', cause)
  }
  const bad = (what: string) =>
    usageError(`${file}: ${what}`, `save the logits with numpy.save as float32 of shape (${rows}, ${classes})`)
  if (bytes.length < 12 || bytes.toString('latin1', 0, 6) !== '\x93NUMPY') throw bad('not a .npy file')
  const wide = bytes[6]! >= 2
  const headerLength = wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8)
  const start = (wide ? 12 : 10) + headerLength
  if (headerLength > 65536 || start > bytes.length) throw bad('its header is damaged')
  const header = bytes.toString('latin1', wide ? 12 : 10, start)
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1]
  const shape = /'shape':\s*\(([^)]*)\)/
    .exec(header)?.[1]
    ?.split(',')
    .filter((s) => s.trim())
    .map(Number)
  const width = type === '<f4' ? 4 : type === '<f8' ? 8 : 0
  if (width === 0 || /'fortran_order':\s*True/.test(header))
    throw bad(`holds ${type ?? 'unknown data'}, not little-endian floats in C order`)
  if (!shape || shape[0] !== rows || shape[1] !== classes || shape.length !== 2) throw bad(`has shape (${shape?.join(', ')})`)
  if (bytes.length - start !== rows * classes * width) throw bad('is shorter or longer than its shape says')
  const data = new DataView(bytes.buffer, bytes.byteOffset + start)
  return Float32Array.from({ length: rows * classes }, (_, i) =>
    width === 4 ? data.getFloat32(4 * i, true) : data.getFloat64(8 * i, true),
  )
}
