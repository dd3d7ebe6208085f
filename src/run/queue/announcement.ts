import { z } from 'zod'
import { type TinyfrontError, usageError } from '../../util/errors.ts'
import { engineNames } from '../record/options.ts'

/** What a coordinator says of its study, and what a worker checks before it takes a job. Comes from elsewhere, so it is read with care. */
const schema = z.strictObject({
  protocol: z.int(),
  /** `jobVersion` */
  jobs: z.int(),
  /** of tinyfront */
  version: z.string().max(100),
  study: z.string().max(100),
  queue: z.string().regex(/^[A-Za-z0-9._-]{1,80}$/),
  engine: z.enum(engineNames),
  fastMath: z.boolean(),
  /** SHA-256 of the WebAssembly kernels; null where none are used. */
  kernels: z.string().max(64).nullable(),
  /** What `selfTest` came to on the coordinator's machine. */
  selfTest: z.string().max(64),
  data: z.strictObject({
    manifest: z.string().regex(/^[0-9a-f]{64}$/),
    fingerprint: z.string().max(200),
    /** How a worker that has the data folder opens it. */
    seed: z.string().max(1000),
    label: z.string().max(1000).optional(),
  }),
  /** Where blobs lie: null = in Redis. */
  blobs: z.string().max(1000).nullable(),
  /** A worker that is silent for so long is thought dead. */
  leaseMs: z.number().min(500).max(600_000),
})
export type Announcement = z.infer<typeof schema>

/** Rises with what coordinators and workers say to each other; jobs have a version of their own. */
export const protocol = 2

/** Undefined where it is not one of ours. */
export function readAnnouncement(text: string | null): Announcement | undefined {
  if (text === null) return undefined
  try {
    const value: unknown = JSON.parse(text)
    // another protocol may say other things; what it is called and which version it is are said in every one
    const known = schema.safeParse(value)
    if (known.success) return known.data
    const other = z.looseObject({ protocol: z.int(), version: z.string() }).safeParse(value)
    return other.success && other.data.protocol !== protocol
      ? ({ ...other.data, queue: '' } as unknown as Announcement)
      : undefined
  } catch {
    return undefined
  }
}

/** What a worker is. */
export type WorkerIdentity = Pick<Announcement, 'protocol' | 'jobs' | 'version'> & {
  readonly kernelsOf: (fastMath: boolean) => string
  readonly selfTest: (fastMath: boolean) => Promise<string>
  /** Where it looks for blobs, if not in Redis. */
  readonly blobs?: string
}

/** A build between two releases has the same version and may speak otherwise. */
const spoken = ({ version, protocol, jobs }: Pick<Announcement, 'protocol' | 'jobs' | 'version'>): string =>
  `${version} (protocol ${protocol}, jobs ${jobs ?? '?'})`

/** Why a worker may not serve a study; undefined where it may. */
export async function refusal(a: Announcement, me: WorkerIdentity): Promise<TinyfrontError | undefined> {
  const { study } = a
  if (spoken(a) !== spoken(me))
    return usageError(
      `study "${study ?? '?'}" is run by tinyfront ${spoken(a)}, this worker is ${spoken(me)}`,
      'install the same version on every machine',
    )
  if (a.kernels !== null && a.kernels !== me.kernelsOf(a.fastMath))
    return usageError(
      `study "${study}" trains with other kernels than this worker has (WebAssembly ${a.kernels.slice(0, 12)} and ${me.kernelsOf(a.fastMath).slice(0, 12)})`,
      'install the same build on every machine: copy build/, or run npm ci && npm run build on the same sources',
    )
  if (a.selfTest !== (await me.selfTest(a.fastMath)))
    return usageError(
      `a small training comes to other bits here than where study "${study}" runs`,
      a.fastMath
        ? 'processors differ under --fast-math: search without it'
        : 'this machine cannot take part: try --kernels wasm, then check its memory and processor',
    )
  if (a.blobs !== null && me.blobs === undefined)
    return usageError(`study "${study}" keeps its blobs in ${a.blobs}`, `pass --blobs ${a.blobs}, or where this machine sees it`)
  return undefined
}
