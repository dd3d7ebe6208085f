import { Dropped } from './priority-queue.ts'

/**
 * Runs `work` on up to `lanes` items at a time: those with the lowest `rank` first (equal ones as they come), the next one when one ends and
 * `mayBegin` it. Results come in the order of the items, whatever the number of lanes; without those that did not begin, gave undefined or were dropped.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<R | undefined>,
  { rank = () => 0, mayBegin = () => true }: { rank?: (item: T) => number; mayBegin?: (item: T) => boolean } = {},
): AsyncGenerator<R> {
  const tasks = items.map((item) => ({ item, rank: rank(item), ...deferred<R | undefined>() }))
  const queue = [...tasks].sort((a, b) => a.rank - b.rank)
  const lane = async () => {
    for (let task = queue.shift(); task; task = queue.shift()) {
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
