import type { Redis } from 'ioredis'
import type { BlobStore } from './blob-store.ts'
import { folderBlobs } from './folder-blobs.ts'
import { redisBlobs } from './redis-blobs.ts'
import { s3Blobs } from './s3-blobs.ts'

/** The blobs of a study: in Redis, in a folder that all machines see, or in a bucket. */
export function openBlobs(redis: Redis, queue: string, place: string | null): BlobStore {
  if (place === null) return redisBlobs(redis, queue)
  return place.startsWith('s3://') ? s3Blobs(place, process.env) : folderBlobs(place)
}
