import { hashJson } from '../../util/hash.ts'
import type { Address } from '../jobs/blobs.ts'

/** What every name of ours in Redis begins with: an ACL rule needs no more than `~tinyfront:*`. */
export const prefix = 'tinyfront'

/** A study's own name in Redis: two people may call their studies the same. */
export const queueName = (study: string, header: unknown): string => `${study}-${hashJson(header).slice(0, 8)}`

/** Names in Redis. BullMQ's own stand beside them, under `tinyfront:QUEUE:`. */
export const keys = {
  /** Queues with a coordinator: a hash, by name. */
  studies: `${prefix}:studies`,
  /** Workers that were seen: a hash, by id. */
  workers: `${prefix}:workers`,
  /** What a worker does now; vanishes with it. */
  worker: (id: string) => `${prefix}:worker:${id}`,
  /** Machines whose results are not trusted: a hash, name to reason. */
  quarantine: `${prefix}:quarantine`,
  ofStudy: (queue: string) => `${prefix}:${queue}:*`,
  /** Vanishes when the coordinator does. */
  announcement: (queue: string) => `${prefix}:${queue}:tf-study`,
  results: (queue: string) => `${prefix}:${queue}:tf-results`,
  blob: (queue: string, address: Address) => `${prefix}:${queue}:tf-blob:${address}`,
} as const
