/** Thrown into jobs that were still waiting when the search was told to stop. */
export class Dropped extends Error {
  override readonly name = 'Dropped'
}

type Waiting = {
  readonly priority: number
  readonly order: number
  readonly start: () => void
  readonly drop: (error: Dropped) => void
}

/**
 * Hands out `slots` permits, lowest priority number first, so that early trials finish before late ones begin: whatever stops the search then
 * finds few trials half done. `drain` refuses everything that still waits.
 */
export function priorityGate(slots: number) {
  let free = slots
  let order = 0
  let drained = false
  const waiting: Waiting[] = []

  function next(): void {
    if (free === 0 || waiting.length === 0) return
    let best = 0
    for (let i = 1; i < waiting.length; i++) {
      const a = waiting[i]!
      const b = waiting[best]!
      if (a.priority < b.priority || (a.priority === b.priority && a.order < b.order)) best = i
    }
    free--
    waiting.splice(best, 1)[0]!.start()
  }

  return {
    async run<T>(priority: number, work: () => Promise<T>): Promise<T> {
      if (drained) throw new Dropped()
      await new Promise<void>((start, drop) => {
        waiting.push({ priority, order: order++, start, drop })
        next()
      })
      try {
        return await work()
      } finally {
        free++
        next()
      }
    },
    drain(): void {
      drained = true
      for (const job of waiting.splice(0)) job.drop(new Dropped())
    },
    /** Jobs are taken again, for the phase after the search. */
    reopen(): void {
      drained = false
    },
  }
}
