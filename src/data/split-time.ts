import type { Decoded } from './decoded.ts'

/**
 * Cuts every recording into consecutive blocks of time, class by class: the past trains, the future tests. Windows closer than one window
 * length to a window of another part are left out, so that no two parts share a sample or its neighbourhood.
 */
export function timeBlocks(
  pool: readonly number[],
  windows: NonNullable<Decoded['windows']>,
  classOf: (example: number) => number,
  shares: readonly number[],
): number[][] {
  const { recording, start, length } = windows
  const runs = new Map<string, number[]>()
  for (const i of pool) {
    const key = `${recording[i]}/${classOf(i)}`
    const run = runs.get(key)
    if (run) run.push(i)
    else runs.set(key, [i])
  }
  const partOf = new Map<number, number>()
  for (const run of runs.values()) {
    run.sort((a, b) => start[a]! - start[b]!)
    for (const [rank, i] of run.entries()) partOf.set(i, partAt((rank + 0.5) / run.length, shares))
  }
  const parts: number[][] = shares.map(() => [])
  const inTime = [...pool].sort((a, b) => recording[a]! - recording[b]! || start[a]! - start[b]!)
  let current = -1
  let lastEnd: number[] = []
  for (const i of inTime) {
    if (recording[i] !== current) {
      current = recording[i]!
      lastEnd = shares.map(() => -Infinity)
    }
    const part = partOf.get(i)!
    const others = Math.max(...lastEnd.filter((_, p) => p !== part))
    if (start[i]! < others + length) continue
    parts[part]!.push(i)
    lastEnd[part] = start[i]! + length
  }
  return parts
}

function partAt(position: number, shares: readonly number[]): number {
  let edge = 0
  for (let p = 0; p < shares.length; p++) if (position < (edge += shares[p]!)) return p
  return shares.length - 1
}
