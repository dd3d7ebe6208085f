import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

const secret = 'hidden/secret+key'
const hash = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** Says of a request what S3 would: whether it holds the signature that its own reading of the request gives, of our time (Signature Version 4). */
function isSigned(request: IncomingMessage, body: Buffer, now: number): boolean {
  const { headers } = request
  const said =
    /^AWS4-HMAC-SHA256 Credential=id\/(\d{8})\/(.+)\/s3\/aws4_request, SignedHeaders=(.+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    )
  if (!said || headers['x-amz-content-sha256'] !== hash(body)) return false
  const [, day, region, names, signature] = said as unknown as string[]
  const stamp = String(headers['x-amz-date'])
  const at = Date.parse(stamp.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(at - now) < 15 * 60_000) || !stamp.startsWith(day!)) return false
  const listed = names!.split(';')
  if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => listed.includes(name))) return false
  const lines = listed.map((name) => `${name}:${String(headers[name]).trim()}\n`).join('')
  const [path, query = ''] = request.url!.split('?')
  const canonical = `${request.method}\n${path}\n${query}\n${lines}\n${names}\n${headers['x-amz-content-sha256']}`
  const text = `AWS4-HMAC-SHA256\n${stamp}\n${day}/${region}/s3/aws4_request\n${hash(canonical)}`
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day!), region!), 's3'), 'aws4_request')
  return hmac(key, text).toString('hex') === signature
}

/** A server that keeps the objects of `s3://bucket` and looks at signatures. */
export async function startBucket({ aheadMs = 0 } = {}) {
  const objects = new Map<string, Buffer>()
  let refusals = 0
  let refusal = 503
  const answerTo = (request: IncomingMessage, body: Buffer): { status: number; sent?: Buffer } => {
    if (refusals > 0) {
      refusals--
      return { status: refusal }
    }
    if (!isSigned(request, body, Date.now() + aheadMs)) return { status: 403 }
    const key = request.url!
    if (!key.startsWith('/bucket/')) return { status: 404 }
    if (request.method === 'PUT') objects.set(key, body)
    if (request.method === 'DELETE') {
      objects.delete(key)
      return { status: 204 }
    }
    const sent = objects.get(key)
    return { status: sent ? 200 : 404, ...(sent && request.method === 'GET' ? { sent } : {}) }
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const { status, sent } = answerTo(request, Buffer.concat(chunks))
      response.writeHead(status, { date: new Date(Date.now() + aheadMs).toUTCString() }).end(sent)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    objects,
    /** For those who may. */
    env: {
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
    refuseNext(count: number, status: number): void {
      refusals = count
      refusal = status
    },
    close(): void {
      server.close()
      server.closeAllConnections()
    },
  }
}
