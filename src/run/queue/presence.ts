import { z } from 'zod'
import { keys } from './keys.ts'
import type { Link } from './link.ts'
import { quarantine } from './quarantine.ts'

/** What a worker says of itself, every few seconds. Times are Redis's own, so that clocks need not agree. */
const schema = z.looseObject({
  id: z.string(),
  machine: z.string(),
  version: z.string(),
  kernels: z.string(),
  threads: z.int(),
  /** It serves this study; null = it waits for one. */
  study: z.string().nullable(),
  queue: z.string().nullable(),
  state: z.enum(['waiting', 'fetching data', 'serving', 'leaving']),
  jobs: z.array(z.looseObject({ id: z.string(), kind: z.string(), seconds: z.number() })),
  done: z.int(),
  failed: z.int(),
  busySeconds: z.number(),
  upSeconds: z.number(),
  lastError: z.string().nullable(),
})
export type Presence = z.infer<typeof schema>

/** Silent for so long: gone. */
export const goneSeconds = 15

export async function sayPresence({ redis }: Link, presence: Presence): Promise<void> {
  const text = JSON.stringify(presence)
  await redis
    .pipeline()
    .set(keys.worker(presence.id), text, 'EX', goneSeconds)
    .hset(keys.workers, presence.id, presence.machine)
    .exec()
}

export async function endPresence({ redis }: Link, id: string): Promise<void> {
  await redis.pipeline().unlink(keys.worker(id)).hdel(keys.workers, id).exec()
}

/** Everybody who is there; those who left without a word are forgotten. */
export async function whoIsThere({ redis }: Link): Promise<Presence[]> {
  const ids = Object.keys(await redis.hgetall(keys.workers))
  if (ids.length === 0) return []
  const texts = await redis.mget(...ids.map(keys.worker))
  const gone = ids.filter((_, i) => texts[i] === null)
  if (gone.length > 0) await redis.hdel(keys.workers, ...gone)
  return texts.flatMap((text) => {
    const read = schema.safeParse(text === null || text === undefined ? null : JSON.parse(text))
    return read.success ? [read.data] : []
  })
}

/** Whether another machine serves this queue and is trusted. */
export async function hasOthers(link: Link, queue: string, machine: string): Promise<boolean> {
  const distrusted = await quarantine(link.redis).all()
  return (await whoIsThere(link)).some((w) => w.queue === queue && w.machine !== machine && !(w.machine in distrusted))
}
