import { BadFile, checkPixels } from './limits.ts'
import type { Picture } from './picture.ts'

/** The first picture of a GIF (87a, 89a); what it leaves uncovered or transparent is the background, or black. @throws BadFile */
export function readGif(bytes: Uint8Array): Picture {
  const cursor = reader(bytes)
  cursor.skip(6)
  const [width, height] = [cursor.word(), cursor.word()]
  checkPixels(height, width)
  const flags = cursor.byte()
  cursor.skip(2)
  const common = flags & 0x80 ? cursor.palette(flags) : undefined
  for (;;) {
    const block = cursor.byte()
    if (block === 0x2c) break
    if (block !== 0x21) throw new BadFile(block === 0x3b ? 'GIF without a picture' : 'damaged GIF')
    cursor.skip(1)
    cursor.blocks()
  }
  const [left, top, w, h] = [cursor.word(), cursor.word(), cursor.word(), cursor.word()]
  checkPixels(h, w)
  const own = cursor.byte()
  const palette = own & 0x80 ? cursor.palette(own) : common
  if (!palette) throw new BadFile('GIF without colours')
  const codeBits = cursor.byte()
  const indices = unpack(cursor.blocks(), codeBits, w * h)
  const rgb = new Uint8Array(width * height * 3)
  const rows = own & 0x40 ? interlaced(h) : undefined
  for (let k = 0; k < indices.length; k++) {
    const row = Math.floor(k / w)
    const [y, x] = [top + (rows ? rows[row]! : row), left + (k % w)]
    if (y >= height || x >= width) continue
    for (let c = 0; c < 3; c++) rgb[3 * (y * width + x) + c] = palette[3 * indices[k]! + c] ?? 0
  }
  return { height, width, rgb }
}

function reader(bytes: Uint8Array) {
  let at = 0
  const take = (n: number): Uint8Array => {
    if (at + n > bytes.length) throw new BadFile('GIF ends too early')
    at += n
    return bytes.subarray(at - n, at)
  }
  const byte = () => take(1)[0]!
  return {
    byte,
    skip: (n: number) => void take(n),
    word: () => byte() | (byte() << 8),
    palette: (flags: number) => take(3 << ((flags & 7) + 1)),
    /** Sub-blocks up to the empty one, joined. */
    blocks(): Uint8Array {
      const parts: Uint8Array[] = []
      for (let n = byte(); n > 0; n = byte()) parts.push(take(n))
      return Buffer.concat(parts)
    },
  }
}

/** Rows in the order in which an interlaced picture stores them. */
function interlaced(height: number): number[] {
  const passes = [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const
  return passes.flatMap(([from, step]) => {
    const rows: number[] = []
    for (let y = from; y < height; y += step) rows.push(y)
    return rows
  })
}

/** GIF's LZW: codes from `bits + 1` to 12 bits, lowest bit first. Never more than `count` indices. */
function unpack(data: Uint8Array, bits: number, count: number): Uint8Array {
  if (bits < 1 || bits > 11) throw new BadFile('damaged GIF')
  const out = new Uint8Array(count)
  const [clear, end] = [1 << bits, (1 << bits) + 1]
  const prefix = new Int32Array(4096)
  const suffix = new Uint8Array(4096)
  const length = new Int32Array(4096)
  for (let k = 0; k < clear; k++) {
    suffix[k] = k
    length[k] = 1
  }
  let [size, next, previous] = [bits + 1, end + 1, -1]
  let [buffer, held, at] = [0, 0, 0]
  for (let i = 0; at < count; ) {
    while (held < size && i < data.length) {
      buffer |= data[i++]! << held
      held += 8
    }
    if (held < size) throw new BadFile('GIF ends inside its picture')
    const code = buffer & ((1 << size) - 1)
    buffer >>>= size
    held -= size
    if (code === end) break
    if (code === clear) {
      ;[size, next, previous] = [bits + 1, end + 1, -1]
      continue
    }
    if (code > next || (code === next && previous < 0)) throw new BadFile('damaged GIF')
    if (previous >= 0 && next < 4096) {
      prefix[next] = previous
      length[next] = length[previous]! + 1
      suffix[next] = firstOf(code === next ? previous : code)
      next++
      if (next === 1 << size && size < 12) size++
    }
    const n = length[code]!
    for (let k = code, to = at + n - 1; to >= at; to--, k = prefix[k]!) if (to < count) out[to] = suffix[k]!
    at += n
    previous = code
  }
  return out

  function firstOf(code: number): number {
    let k = code
    while (length[k]! > 1) k = prefix[k]!
    return suffix[k]!
  }
}
