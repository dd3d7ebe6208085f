import { openLink } from './link.ts'
import { placeOf } from './place.ts'
import { type Presence, whoIsThere } from './presence.ts'

/** Who works at a queue, asked for again and again. */
export type WorkerWatch = {
  /** Who was there when last asked. */
  readonly workers: () => readonly Presence[]
  close(): Promise<void>
}

/** @throws TinyfrontError where the queue does not answer at once; later troubles leave nobody there */
export async function watchWorkers(queue: string, everyMs = 2000): Promise<WorkerWatch> {
  const link = await openLink(placeOf(queue))
  let latest: readonly Presence[] = await whoIsThere(link)
  let asking = false
  const timer = setInterval(async () => {
    if (asking) return
    asking = true
    latest = await whoIsThere(link).catch(() => [])
    asking = false
  }, everyMs)
  return {
    workers: () => latest,
    async close() {
      clearInterval(timer)
      await link.close()
    },
  }
}
