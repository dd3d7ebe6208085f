import { BadFile, limits } from './limits.ts'

export type ArchiveEntry = { readonly path: string; readonly data: Uint8Array }

const block = 512
const text = new TextDecoder()

/**
 * Files of a tar archive in memory (POSIX.1-1988 ustar, with GNU long names and pax `path` records), without copying. Links, devices and
 * folders are passed over. @throws BadFile if a header is damaged or a file reaches beyond the end.
 */
export function readTar(archive: Uint8Array): ArchiveEntry[] {
  const entries: ArchiveEntry[] = []
  let longName: string | undefined
  for (let at = 0; at + block <= archive.length; ) {
    const header = archive.subarray(at, at + block)
    if (header.every((b) => b === 0)) break
    if (!checksumHolds(header)) throw new BadFile(`damaged tar header at byte ${at}`)
    const size = octal(header, 124, 12)
    const start = at + block
    if (size > limits.fileBytes) throw new BadFile(`tar entry at byte ${at} claims ${size} bytes`)
    if (start + size > archive.length) throw new BadFile('tar archive ends inside a file')
    const data = archive.subarray(start, start + size)
    const type = String.fromCharCode(header[156]!)
    if (type === 'L') longName = field(data, 0, data.length)
    else if (type === 'x') longName = paxPath(data) ?? longName
    else {
      if (type === '0' || type === '\0') entries.push({ path: longName ?? ustarName(header), data })
      longName = undefined
    }
    if (entries.length > limits.files) throw new BadFile(`more than ${limits.files} files`)
    at = start + Math.ceil(size / block) * block
  }
  return entries
}

function ustarName(header: Uint8Array): string {
  const prefix = field(header, 257, 5) === 'ustar' ? field(header, 345, 155) : ''
  return prefix ? `${prefix}/${field(header, 0, 100)}` : field(header, 0, 100)
}

function field(bytes: Uint8Array, from: number, length: number): string {
  const part = bytes.subarray(from, from + length)
  const end = part.indexOf(0)
  return text.decode(end < 0 ? part : part.subarray(0, end))
}

/** Octal digits, or GNU's base-256 for sizes from 8 GiB on, which the limit refuses anyway. */
function octal(header: Uint8Array, from: number, length: number): number {
  if (header[from]! & 0x80) return Number.POSITIVE_INFINITY
  const digits = field(header, from, length).trim()
  if (!/^[0-7]*$/.test(digits)) throw new BadFile('damaged number in a tar header')
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

/** Sum of all header bytes, those of the checksum itself counted as spaces. */
function checksumHolds(header: Uint8Array): boolean {
  let sum = 0
  for (let i = 0; i < block; i++) sum += i >= 148 && i < 156 ? 32 : header[i]!
  return sum === octal(header, 148, 8)
}

/** Value of `path` among pax records ("LENGTH KEY=VALUE\n"). */
function paxPath(data: Uint8Array): string | undefined {
  for (const line of text.decode(data).split('\n')) {
    const match = /^\d+ path=(.*)$/.exec(line)
    if (match) return match[1]
  }
  return undefined
}
