import { keys } from './keys.ts'
import { blockMs, type Link } from './link.ts'
import { type Delivery, readDelivery } from './parcel.ts'

/** Results in the stream at most: far more than are ever in flight. */
const kept = 5000
const keptSeconds = 86_400

type Entries = readonly (readonly [id: string, fields: readonly string[]])[]

const deliveriesIn = (entries: Entries): Delivery[] => entries.flatMap(([, [, text = '']]) => readDelivery(text) ?? [])

/** What workers say, in the order in which Redis had it; each is told once. It stays there, for a coordinator that is started again. */
export function readResults(link: Link, queue: string, onDelivery: (delivery: Delivery) => void) {
  const key = keys.results(queue)
  const line = link.another()
  let last = '0'
  let stopped = false
  return {
    /** What lies there from before. */
    async unread(): Promise<Delivery[]> {
      const entries = (await link.redis.xrange(key, '-', '+')) as Entries
      last = entries.at(-1)?.[0] ?? '0'
      return deliveriesIn(entries)
    },
    follow(): void {
      const turn = async () => {
        const answer = (await line.xread('COUNT', 200, 'BLOCK', blockMs, 'STREAMS', key, last)) as [string, Entries][] | null
        for (const [, entries] of answer ?? []) {
          last = entries.at(-1)?.[0] ?? last
          for (const delivery of deliveriesIn(entries)) onDelivery(delivery)
        }
        // a Redis that lost its memory counts from the beginning of its own time: nothing would ever come after `last`
        if (!answer && (await line.exists(key)) === 0) last = '0'
      }
      const loop = async () => {
        while (!stopped) await turn().catch(() => new Promise((resolve) => setTimeout(resolve, 500)))
      }
      void loop()
    },
    stop(): void {
      stopped = true
      line.disconnect()
    },
  }
}

/** What a worker says; it counts from the moment at which Redis has it. */
export async function tellResult({ redis }: Pick<Link, 'redis'>, queue: string, delivery: Delivery): Promise<void> {
  const key = keys.results(queue)
  await redis.pipeline().xadd(key, 'MAXLEN', '~', kept, '*', 'd', JSON.stringify(delivery)).expire(key, keptSeconds).exec()
}
