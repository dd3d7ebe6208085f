import { Dropped, priorityGate } from './priority-queue.ts'

/**
 * Runs `work` on up to `lanes` items at a time, the next one when one ends and `mayBegin` it. Items begin by `rank`, lowest first (equal ones as they
 * come), and their results come in that order, whatever the number of lanes: at most `lanes` - 1 of them wait for an earlier one. What did not begin,
 * gave undefined or was dropped is left out.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<R | undefined>,
  { rank = () => 0, mayBegin = () => true }: { rank?: (item: T) => number; mayBegin?: (item: T) => boolean } = {},
): AsyncGenerator<R> {
  const gate = priorityGate(lanes)
  const turns = [...items].sort((a, b) => rank(a) - rank(b))
  const results = turns.map((item) => gate.run(0, async () => (mayBegin(item) ? work(item) : undefined)))
  for (const result of results) result.catch(() => undefined) // awaited in order, perhaps later than it fails
  for (const promise of results) {
    const result = await promise.catch(nothingIfDropped)
    if (result !== undefined) yield result
  }
}

function nothingIfDropped(error: unknown): undefined {
  if (!(error instanceof Dropped)) throw error
}
