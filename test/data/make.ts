import { PNG } from 'pngjs'

/** Small files made byte by byte, so that the readers are checked against the formats and not against themselves. */

type WavOptions = {
  readonly rate: number
  readonly bits: 8 | 16 | 24 | 32 | 64
  readonly code: 1 | 3
  readonly channels?: number
  readonly values: ArrayLike<number>
  readonly extensible?: boolean
  /** bytes of an unknown chunk before the data */
  readonly junk?: number
}

export function wavBytes({ rate, bits, code, channels = 1, values, extensible = false, junk = 0 }: WavOptions): Buffer {
  const step = bits / 8
  const data = Buffer.alloc(values.length * step)
  for (let i = 0; i < values.length; i++) {
    const [v, at] = [values[i]!, i * step]
    if (code === 3) bits === 32 ? data.writeFloatLE(v, at) : data.writeDoubleLE(v, at)
    else if (bits === 8) data.writeUInt8(v, at)
    else data.writeIntLE(v, at, step)
  }
  const format = Buffer.alloc(extensible ? 40 : 16)
  format.writeUInt16LE(extensible ? 0xfffe : code, 0)
  format.writeUInt16LE(channels, 2)
  format.writeUInt32LE(rate, 4)
  format.writeUInt32LE(rate * channels * step, 8)
  format.writeUInt16LE(channels * step, 12)
  format.writeUInt16LE(bits, 14)
  if (extensible) format.writeUInt16LE(code, 24)
  const chunk = (tag: string, body: Buffer) => {
    const head = Buffer.alloc(8)
    head.write(tag, 'latin1')
    head.writeUInt32LE(body.length, 4)
    return Buffer.concat([head, body, Buffer.alloc(body.length & 1)])
  }
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    chunk('fmt ', format),
    ...(junk ? [chunk('LIST', Buffer.alloc(junk))] : []),
    chunk('data', data),
  ])
  const head = Buffer.alloc(8)
  head.write('RIFF', 'latin1')
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body])
}

export function npyBytes(type: '<i2' | '<f4' | '<f8' | '|u1', shape: readonly number[], values: readonly number[]): Buffer {
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`
  const header = `${text}${' '.repeat(63 - ((10 + text.length) % 64))}\n`
  const head = Buffer.alloc(10)
  head.write('\x93NUMPY\x01\x00', 'latin1')
  head.writeUInt16LE(header.length, 8)
  const arrays = { '<i2': Int16Array, '<f4': Float32Array, '<f8': Float64Array, '|u1': Uint8Array }
  return Buffer.concat([head, Buffer.from(header, 'latin1'), Buffer.from(arrays[type].from(values).buffer)])
}

export function pngBytes(
  height: number,
  width: number,
  pixel: (y: number, x: number) => readonly [number, number, number],
): Buffer {
  const png = new PNG({ width, height })
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) png.data.set([...pixel(y, x), 255], (y * width + x) * 4)
  return PNG.sync.write(png)
}

/** A ustar archive (POSIX.1-1988). */
export function tarBytes(files: Readonly<Record<string, Uint8Array | string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([path, content]) => {
    const data = Buffer.from(content as Uint8Array)
    return [tarHeader(path, data.length), data, Buffer.alloc(-data.length & 511)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

export function tarHeader(path: string, size: number, type = '0'): Buffer {
  const header = Buffer.alloc(512)
  header.write(path, 0, 100)
  header.write('0000644\0', 100)
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write(type, 156)
  header.write('ustar\x0000', 257, 'latin1')
  header.fill(' ', 148, 156)
  const sum = header.reduce((a, b) => a + b, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** CBOR of plain data, as a device's encoder writes it: short heads, doubles. */
export function cborBytes(value: unknown): Buffer {
  const head = (major: number, n: number) =>
    n < 24
      ? Buffer.from([(major << 5) | n])
      : Buffer.from([(major << 5) | 26, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255])
  if (typeof value === 'number') {
    if (Number.isInteger(value) && Math.abs(value) < 2 ** 32) return value >= 0 ? head(0, value) : head(1, -1 - value)
    const double = Buffer.alloc(9, 0xfb)
    double.writeDoubleBE(value, 1)
    return double
  }
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cborBytes)])
  const pairs = Object.entries(Object(value))
  return Buffer.concat([head(5, pairs.length), ...pairs.flatMap(([k, v]) => [cborBytes(k), cborBytes(v)])])
}

/** A TensorFlow record of one tf.train.Example: bytes, or a whole number, for each key. */
export function tfRecordBytes(features: Readonly<Record<string, Uint8Array | number>>): Buffer {
  const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >>> 7)])
  const field = (number: number, data: Uint8Array) =>
    Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(data.length)]), data])
  const entries = Object.entries(features).map(([key, value]) => {
    const feature = typeof value === 'number' ? field(3, field(1, Buffer.from(varint(value)))) : field(1, field(1, value))
    return field(1, Buffer.concat([field(1, Buffer.from(key)), field(2, feature)]))
  })
  const example = field(1, Buffer.concat(entries))
  const head = Buffer.alloc(12)
  head.writeBigUInt64LE(BigInt(example.length))
  return Buffer.concat([head, example, Buffer.alloc(4)])
}
