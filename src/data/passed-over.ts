import { posix } from 'node:path'
import type { FileTree } from './read/tree.ts'

/** Files that lie beside examples without being one. */
const companions = /^(dataset\.json|classes\.txt|(readme|licen[cs]e|provenance|copying|sha256sums)\b.*|.*\.md)$/i

/** "24 .webp, 3 .gif": what is in a data set and is not read as an example, by extension, most frequent first; undefined where there is nothing. */
export function passedOver({ files }: FileTree, read: RegExp, lists: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const { path } of files) {
    const name = posix.basename(path)
    if (read.test(path) || companions.test(name) || lists.includes(name)) continue
    const extension = posix.extname(name).toLowerCase() || 'without extension'
    counts.set(extension, (counts.get(extension) ?? 0) + 1)
  }
  if (counts.size === 0) return undefined
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([extension, n]) => `${n} ${extension}`)
    .join(', ')
}
