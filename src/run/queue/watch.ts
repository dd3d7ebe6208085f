import { openLink } from './link.ts'
import { placeOf } from './place.ts'
import { type Presence, whoIsThere } from './presence.ts'

/** Who was there when last asked; undefined while the queue does not answer. */
export type AtQueue = () => readonly Presence[] | undefined

/** Who works at a queue, asked for again and again. */
export type WorkerWatch = {
  readonly workers: AtQueue
  close(): Promise<void>
}

/** @throws TinyfrontError where the queue does not answer at once */
export async function watchWorkers(queue: string, everyMs = 2000): Promise<WorkerWatch> {
  let silent = false
  const link = await openLink(placeOf(queue), (trouble) => {
    silent = trouble !== undefined
  })
  let latest: readonly Presence[] = await whoIsThere(link)
  let asking = false
  const timer = setInterval(async () => {
    if (asking) return
    asking = true
    latest = await whoIsThere(link).catch(() => latest)
    asking = false
  }, everyMs)
  return {
    workers: () => (silent ? undefined : latest),
    async close() {
      clearInterval(timer)
      await link.close()
    },
  }
}
