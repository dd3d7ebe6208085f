import type { Redis } from 'ioredis'
import { TinyfrontError } from '../../util/errors.ts'
import type { Place } from './place.ts'

/** An open connection to Redis, and the library that queues there. */
export type Link = {
  readonly redis: Redis
  readonly bullmq: typeof import('bullmq')
  readonly shown: string
  /** A connection of its own, for commands that wait. */
  another(): Redis
  close(): Promise<void>
}

/** No answer for so long: the line is dead, whatever TCP says of it. Longer than any command waits. */
const silenceMs = 15_000
/** Longest wait of a blocking command. */
export const blockMs = 5000

/** `onTrouble` hears what is wrong when the line is lost, and undefined when it is back. */
export async function openLink(place: Place, onTrouble: (trouble: string | undefined) => void = () => undefined): Promise<Link> {
  const { bullmq, Redis } = await load()
  const where = place.path === undefined ? { host: place.host, port: place.port } : { path: place.path }
  const secrets = {
    ...(place.username ? { username: place.username } : {}),
    ...(place.password ? { password: place.password } : {}),
  }
  let opened = false
  let trouble: string | undefined
  /** What the server or the line said, where the client says only that it is closed. */
  let cause: Error | undefined
  const connect = () =>
    new Redis({
      ...where,
      ...secrets,
      db: place.db,
      ...(place.tls ? { tls: { servername: place.host } } : {}),
      lazyConnect: true,
      maxRetriesPerRequest: null,
      keepAlive: 5000,
      connectTimeout: 10_000,
      socketTimeout: silenceMs,
      retryStrategy: (times) => (opened ? Math.min(2000, 100 * times) : null),
    })
  const watched = (redis: Redis) =>
    redis
      .on('error', (error: Error) => {
        if (!opened) cause = error
        if (opened && trouble === undefined) onTrouble((trouble = said(error)))
      })
      .on('ready', () => {
        if (opened && trouble !== undefined) onTrouble((trouble = undefined))
      })
  const redis = watched(connect())
  const others = new Set<Redis>()
  const kept = (made: Redis): Redis => {
    others.add(made)
    return watched(made).on('end', () => others.delete(made))
  }
  // BullMQ makes lines of its own from this one; that on which a worker waits is left open where the worker was paused before it was closed
  const duplicate = redis.duplicate.bind(redis)
  redis.duplicate = (options) => kept(duplicate(options))
  try {
    await redis.connect()
    await checkServer(redis, place.shown)
  } catch (error) {
    redis.disconnect()
    if (error instanceof TinyfrontError) throw error
    throw unreachable(place.shown, cause ?? (error as Error))
  }
  opened = true
  return {
    redis,
    bullmq,
    shown: place.shown,
    another: () => kept(connect()),
    async close() {
      for (const one of [redis, ...others]) one.disconnect()
    },
  }
}

async function load() {
  try {
    const [bullmq, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')])
    return { bullmq, Redis }
  } catch (cause) {
    const remedy = 'run `npm install bullmq ioredis`, or search without --queue'
    throw new TinyfrontError('missingTool', 'the packages bullmq and ioredis are not installed', remedy, { cause })
  }
}

const said = (error: Error): string => (error as NodeJS.ErrnoException).code ?? error.message

/** Cluster mode is not served: a job's keys do not lie in one slot. */
async function checkServer(redis: Redis, shown: string): Promise<void> {
  const info = await redis.info()
  const version = /^redis_version:(\d+)\.(\d+)/m.exec(info)
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])]
  if (version && (major < 6 || (major === 6 && minor < 2)))
    throw new TinyfrontError('missingTool', `${shown} is Redis ${major}.${minor}`, 'install Redis 6.2 or later, or Valkey')
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1]
  if (policy && policy !== 'noeviction' && !/^maxmemory:0\s*$/m.test(info))
    throw new TinyfrontError(
      'missingTool',
      `${shown} throws away what it has no room for (${policy})`,
      'set maxmemory-policy noeviction',
    )
}

function unreachable(shown: string, error: Error): TinyfrontError {
  const what = error.message.replace(/^\S*(ERR|WRONGPASS|NOAUTH|NOPERM)/, '$1')
  if (/WRONGPASS|NOAUTH|invalid (username|password)/i.test(what))
    return new TinyfrontError(
      'usage',
      `${shown} refuses name or password`,
      'check them in --queue, or in the variable TINYFRONT_QUEUE',
    )
  if (/NOPERM/.test(what))
    return new TinyfrontError(
      'usage',
      `${shown}: the user may not do this (${what})`,
      'give it the rules of docs/scale.md#security',
    )
  return new TinyfrontError(
    'missingTool',
    `the queue ${shown} cannot be reached: ${said(error)}`,
    'start Redis there (6.2 or later) or check --queue; docs/scale.md says how',
  )
}
