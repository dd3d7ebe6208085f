import { z } from 'zod'
import type { Address } from '../jobs/blobs.ts'
import { type Job, jobVersion, type WithoutBlobs } from '../jobs/job.ts'

/** What travels to a worker as the data of a queued job. */
export type Parcel = {
  readonly v: 1
  readonly job: Job
  /** One attempt may take so long. */
  readonly limitMs: number
  /** Machines that are not to do it: it failed there, or this is an audit of what they made. */
  readonly notOn: readonly string[]
  readonly audit: boolean
}

const kinds = ['teacher', 'start', 'finish', 'logits', 'assess', 'fake'] as const satisfies readonly Job['kind'][]

const parcelSchema = z.strictObject({
  v: z.literal(1),
  job: z.looseObject({ version: z.literal(jobVersion), kind: z.enum(kinds) }),
  limitMs: z.number().positive(),
  notOn: z.array(z.string()).max(100),
  audit: z.boolean(),
})

/** @throws Error for what is no parcel of this version. */
export const readParcel = (data: unknown): Parcel => parcelSchema.parse(data) as unknown as Parcel

/** What a worker says of a job. Told before the queue knows that the job is done: it may come twice, and late. */
export type Delivery = {
  readonly v: 1
  readonly id: string
  readonly machine: string
  readonly worker: string
  readonly audit: boolean
} & (
  | { readonly result: WithoutBlobs; readonly blobs: readonly Address[] }
  /** The worker broke over it. */
  | { readonly error: { readonly message: string; readonly remedy?: string } }
  /** It could not have the inputs. */
  | { readonly missing: readonly Address[] }
  /** It is not to be done on this machine, and there is no other. */
  | { readonly declined: true }
)

const address = z.string().regex(/^[0-9a-f]{64}$/)
const deliverySchema = z.looseObject({
  v: z.literal(1),
  id: z.string().max(100),
  machine: z.string().max(200),
  worker: z.string().max(200),
  audit: z.boolean(),
  result: z.looseObject({ ok: z.boolean(), busyMs: z.number() }).optional(),
  blobs: z.array(address).max(10).optional(),
  error: z.strictObject({ message: z.string(), remedy: z.string().optional() }).optional(),
  missing: z.array(z.string()).optional(),
  declined: z.literal(true).optional(),
})

/** Undefined for what is no delivery. */
export function readDelivery(text: string): Delivery | undefined {
  try {
    const read = deliverySchema.safeParse(JSON.parse(text))
    return read.success ? (read.data as unknown as Delivery) : undefined
  } catch {
    return undefined
  }
}
