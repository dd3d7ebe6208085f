import { join } from 'node:path'
import type { Redis } from 'ioredis'
import type { BlobStore } from './blob-store.ts'
import { folderBlobs } from './folder-blobs.ts'
import { redisBlobs } from './redis-blobs.ts'
import { s3Blobs } from './s3-blobs.ts'

/** The blobs of a study: in Redis, in a folder that all machines see, or in a bucket. */
export function openBlobs(redis: Redis, queue: string, place: string | null): BlobStore {
  if (place === null) return redisBlobs(redis, queue)
  // every study has a place of its own, as in Redis: what one puts away is not another's
  return place.startsWith('s3://')
    ? s3Blobs(`${place.replace(/\/+$/, '')}/${queue}`, process.env)
    : folderBlobs(join(place, queue))
}
