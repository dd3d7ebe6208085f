import type { Redis } from 'ioredis'
import { keys } from './keys.ts'

/** Machines whose results are not taken, until a person lets them back in. */
export function quarantine(redis: Redis) {
  return {
    has: async (machine: string): Promise<boolean> => (await redis.hexists(keys.quarantine, machine)) === 1,
    why: (machine: string): Promise<string | null> => redis.hget(keys.quarantine, machine),
    all: (): Promise<Record<string, string>> => redis.hgetall(keys.quarantine),
    add: async (machine: string, why: string): Promise<void> => void (await redis.hset(keys.quarantine, machine, why)),
    release: async (machine: string): Promise<boolean> => (await redis.hdel(keys.quarantine, machine)) === 1,
  }
}
