import { Dropped } from './priority-queue.ts'

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
  const tasks = items.map((item) => ({ item, rank: rank(item), ...deferred<R | undefined>() })).sort((a, b) => a.rank - b.rank)
  let next = 0
  const lane = async () => {
    while (next < tasks.length) {
      const task = tasks[next++]!
      if (!mayBegin(task.item)) task.resolve(undefined)
      else
        await work(task.item).then(task.resolve, (error) =>
          error instanceof Dropped ? task.resolve(undefined) : task.reject(error),
        )
    }
  }
  for (let n = 0; n < lanes; n++) void lane()
  for (const { promise } of tasks) {
    const result = await promise
    if (result !== undefined) yield result
  }
}

function deferred<R>() {
  let resolve!: (value: R) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<R>((yes, no) => {
    resolve = yes
    reject = no
  })
  promise.catch(() => undefined) // awaited in order, perhaps later than it fails
  return { promise, resolve, reject }
}
