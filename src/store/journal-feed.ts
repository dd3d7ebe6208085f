import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type Line, parseLine } from './journal-lines.ts'

/** A line of a journal and where it ends: the offset names the line, since a journal only grows. */
export type PlacedLine = { readonly line: Line; readonly end: number }
export type FeedNews =
  | { readonly kind: 'lines'; readonly lines: readonly PlacedLine[] }
  /** Another journal stands under this name (`--fresh`): what was told belongs to the one before. */
  | { readonly kind: 'replaced' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'damaged'; readonly offset: number; readonly why: string }

/** So much is read at once: a journal of any length is told in portions. */
const portionBytes = 1 << 22

/**
 * Follows a journal that another process may be writing: each `news()` tells the whole lines since the last one. Half a line at the end is left until
 * it is whole; a writer that died there cuts it off, which nobody here has seen.
 */
export function journalFeed(file: string): { news(): FeedNews } {
  let offset = 0
  let inode: number | undefined
  return {
    news() {
      let handle: number
      try {
        handle = openSync(file, 'r')
      } catch {
        return { kind: 'gone' }
      }
      try {
        const { ino, size } = fstatSync(handle)
        if (inode !== undefined && (inode !== ino || size < offset)) return { kind: 'replaced' }
        inode = ino
        const part = wholeLines(handle, offset, size)
        const lines: PlacedLine[] = []
        for (let at = 0; at < part.length; ) {
          const next = part.indexOf(10, at) + 1
          const end = offset + next - at
          try {
            lines.push({ line: parseLine(part.toString('utf8', at, next - 1)), end })
          } catch (error) {
            // what stands before it is told first
            return lines.length > 0 ? { kind: 'lines', lines } : { kind: 'damaged', offset, why: (error as Error).message }
          }
          offset = end
          at = next
        }
        return { kind: 'lines', lines }
      } finally {
        closeSync(handle)
      }
    },
  }
}

/** The bytes from `from` to the last line break, about a portion of them: more where one line alone is longer. */
function wholeLines(handle: number, from: number, size: number): Buffer {
  for (let length = portionBytes; ; length *= 2) {
    const part = Buffer.alloc(Math.min(length, size - from))
    const read = readSync(handle, part, 0, part.length, from)
    const end = part.subarray(0, read).lastIndexOf(10) + 1
    if (end > 0 || read < length) return part.subarray(0, end)
  }
}
