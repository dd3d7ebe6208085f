import type { Announcement } from './announcement.ts'
import { keys } from './keys.ts'
import type { Link } from './link.ts'

/** Tells workers of a study for as long as somebody looks after it. */
export function announcer({ redis }: Link, announcement: Announcement) {
  const { queue, leaseMs } = announcement
  const text = JSON.stringify(announcement)
  const say = async () => {
    await redis
      .pipeline()
      .set(keys.announcement(queue), text, 'PX', 3 * Math.ceil(leaseMs))
      .hset(keys.studies, queue, announcement.study)
      .exec()
  }
  return {
    begin: say,
    refresh: say,
    /** Takes everything of the study out of Redis; its journal has what counts. */
    async end() {
      await redis.hdel(keys.studies, queue)
      await redis.unlink(keys.announcement(queue))
      for await (const names of redis.scanStream({ match: keys.ofStudy(queue), count: 1000 }) as AsyncIterable<string[]>)
        if (names.length > 0) await redis.unlink(...names)
    },
  }
}
