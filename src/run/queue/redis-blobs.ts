import type { Redis } from 'ioredis'
import { type BlobStore, checked, isAddress, shared } from './blob-store.ts'
import { keys } from './keys.ts'
import { packed, unpacked } from './pack.ts'

/** Blobs of a study whose coordinator died vanish after this time. */
const keptSeconds = 86_400

/** Blobs in Redis: a hash each, its parts by number. How many they are is written last, so a blob that was cut off is none. */
export function redisBlobs(redis: Redis, queue: string): BlobStore {
  return {
    async missing(addresses) {
      if (addresses.length === 0) return []
      const ask = redis.pipeline()
      for (const a of addresses) ask.hexists(keys.blob(queue, a), count).expire(keys.blob(queue, a), keptSeconds)
      const answers = (await ask.exec()) ?? []
      return addresses.filter((_, i) => answers[2 * i]?.[1] !== 1)
    },
    async put(address, bytes) {
      const key = keys.blob(queue, address)
      const parts = await packed(bytes)
      for (const [i, part] of parts.slice(0, -1).entries()) await redis.hset(key, i, part)
      const last = parts.length - 1
      await redis.pipeline().hset(key, last, parts[last]!).hset(key, count, parts.length).expire(key, keptSeconds).exec()
    },
    async get(address) {
      if (!isAddress(address)) return undefined
      const key = keys.blob(queue, address)
      const [first, parts] = await redis.hmgetBuffer(key, '0', count)
      if (!first || !parts) return undefined
      const bytes = [await unpacked(first)]
      for (let i = 1; i < Number(parts.toString()); i++) {
        const part = await redis.hgetBuffer(key, String(i))
        if (!part) return undefined
        bytes.push(await unpacked(part))
      }
      return checked(address, shared(bytes))
    },
    async remove(addresses) {
      if (addresses.length > 0) await redis.unlink(...addresses.map((a) => keys.blob(queue, a)))
    },
  }
}

const count = 'parts'
