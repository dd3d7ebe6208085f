import { createHash, createHmac } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { TinyfrontError, usageError } from '../../util/errors.ts'
import { type BlobStore, checked, isAddress, shared } from './blob-store.ts'
import { packed, unpacked } from './pack.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Blobs in a bucket of S3 or of what speaks its language: `s3://bucket/folder`. Keys and endpoint come from the variables that AWS's own tools read
 * (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL).
 */
export function s3Blobs(place: string, env: Environment): BlobStore {
  const { hostname: bucket, pathname, username, password } = new URL(place)
  if (username || password)
    throw usageError('the address of the bucket holds keys', 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead')
  const folder = pathname.replace(/^\/+|\/+$/g, '')
  const id = env.AWS_ACCESS_KEY_ID
  const secret = env.AWS_SECRET_ACCESS_KEY
  if (!id || !secret)
    throw usageError(`no keys for ${place}`, 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_REGION, AWS_ENDPOINT_URL)')
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1'
  const endpoint = new URL(env.AWS_ENDPOINT_URL ?? `https://s3.${region}.amazonaws.com`)
  const signer: Signer = { id, secret, region, ...(env.AWS_SESSION_TOKEN ? { token: env.AWS_SESSION_TOKEN } : {}) }

  /** How far the server's clock is before ours, as far as we were told. */
  let skewMs = 0
  async function send(method: Method, name: string, body?: Buffer): Promise<Response> {
    const url = new URL(`/${[bucket, folder, name].filter(Boolean).join('/')}`, endpoint)
    const headers = signed(signer, method, url, body ?? Buffer.alloc(0), new Date(Date.now() + skewMs))
    const sent = body ? { body: new Uint8Array(body) } : {}
    return fetch(url, { method, headers, ...sent, signal: AbortSignal.timeout(60_000) })
  }

  /** What passes by itself is waited for. A clock that goes wrong is no fault: the server says what time it is. */
  async function ask(method: Method, name: string, body?: Buffer): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const answer = await send(method, name, body).catch((error: Error) => error)
      if (answer instanceof Response && (answer.ok || (answer.status === 404 && method !== 'PUT'))) return answer
      const skew = answer instanceof Response && answer.status === 403 ? skewOf(answer) : skewMs
      if (Math.abs(skew - skewMs) > toleratedSkewMs) skewMs = skew
      else if (attempt >= attempts || !passes(answer)) throw failure(place, method, answer)
      else await pause(firstPauseMs * 2 ** attempt)
    }
  }

  return {
    async missing(addresses) {
      const answers = await Promise.all(addresses.map((a) => ask('HEAD', named(a))))
      return addresses.filter((_, i) => answers[i]!.status === 404)
    },
    async put(address, bytes) {
      await ask('PUT', named(address), framed(await packed(bytes)))
    },
    async get(address) {
      const answer = await ask('GET', named(address))
      if (answer.status === 404) return undefined
      const parts = unframed(Buffer.from(await answer.arrayBuffer()))
      return parts && checked(address, shared(await Promise.all(parts.map(unpacked))))
    },
    async remove(addresses) {
      await Promise.all(addresses.map((a) => ask('DELETE', named(a))))
    },
  }
}

type Method = 'GET' | 'HEAD' | 'PUT' | 'DELETE'

/** With pauses that double, a server may be away for some ten seconds. */
const attempts = 7
const firstPauseMs = 50
/** S3 refuses a signature that is a quarter of an hour away from its own time. */
const toleratedSkewMs = 60_000

const skewOf = (answer: Response): number => (Date.parse(answer.headers.get('date') ?? '') || Date.now()) - Date.now()

const passes = (answer: Response | Error): boolean => answer instanceof Error || answer.status >= 500 || answer.status === 429

const failure = (place: string, method: Method, answer: Response | Error): TinyfrontError =>
  answer instanceof Error
    ? new TinyfrontError('missingTool', `${place} cannot be reached`, 'check AWS_ENDPOINT_URL and the network', { cause: answer })
    : new TinyfrontError(
        'missingTool',
        `${place}: ${method} was answered ${answer.status}`,
        'check bucket, keys, region and the rights to the bucket',
      )

function named(address: string): string {
  if (!isAddress(address)) throw new Error('not an address of bytes')
  return address
}

/** Parts one after the other, the length of each before it. */
function framed(parts: readonly Buffer[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(part.length)
      return [length, part]
    }),
  )
}

function unframed(bytes: Buffer): Buffer[] | undefined {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return undefined
    const end = at + 4 + bytes.readUInt32LE(at)
    if (end > bytes.length) return undefined
    parts.push(bytes.subarray(at + 4, end))
    at = end
  }
  return parts
}

type Signer = { readonly id: string; readonly secret: string; readonly region: string; readonly token?: string }

/** AWS Signature Version 4 of a request without a query: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
export function signed(
  signer: Signer,
  method: string,
  url: URL,
  body: Uint8Array,
  now: Date,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const stamp = now.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = stamp.slice(0, 8)
  const bodyHash = createHash('sha256').update(body).digest('hex')
  const headers: Record<string, string> = {
    ...more,
    host: url.host,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': stamp,
    ...(signer.token ? { 'x-amz-security-token': signer.token } : {}),
  }
  const names = Object.keys(headers).sort()
  const canonical = [method, url.pathname, '', ...names.map((n) => `${n}:${headers[n]}`), '', names.join(';'), bodyHash].join(
    '\n',
  )
  const scope = `${day}/${signer.region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', stamp, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const key = [day, signer.region, 's3', 'aws4_request'].reduce<Uint8Array>(
    (k, part) => createHmac('sha256', k).update(part).digest(),
    Buffer.from(`AWS4${signer.secret}`),
  )
  const signature = createHmac('sha256', key).update(text).digest('hex')
  const { host, ...sent } = headers
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${signer.id}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}
