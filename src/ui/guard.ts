import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** What is wrong with a request, before anybody asks what it wants. */
export type Refusal = { readonly status: number; readonly message: string; readonly remedy: string }

export const bodyLimitBytes = 16_384

/**
 * The server listens on the loopback alone, and still any page in the same browser can send requests here. A name that was rebound to this address has
 * another Host; a foreign page has another Origin and does not know the token; nothing changes by GET.
 */
export function refusalOf(request: IncomingMessage, port: number, token: string): Refusal | undefined {
  const { host, origin } = request.headers
  const own = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`)
  if (host === undefined || !own.includes(host))
    return { status: 421, message: 'this server answers on the loopback address alone', remedy: `open http://127.0.0.1:${port}` }
  if (origin !== undefined && origin !== `http://${host}`)
    return { status: 403, message: 'another page sent this request', remedy: 'open the address that the terminal shows' }
  const { method = '' } = request
  if (!['GET', 'HEAD', 'POST'].includes(method))
    return { status: 405, message: `${method} does nothing here`, remedy: 'use GET or POST' }
  const isApi = (request.url ?? '').startsWith('/api/')
  if (method === 'POST' && !isApi) return { status: 405, message: 'nothing is changed here', remedy: 'use GET' }
  if (isApi && !knows(request.headers.authorization, token))
    return {
      status: 401,
      message: 'the token is missing or wrong',
      remedy: 'open the address that the terminal shows, with its #token',
    }
  if (method === 'POST' && request.headers['content-type'] !== 'application/json')
    return { status: 415, message: 'a change is asked for as JSON', remedy: 'send content-type: application/json' }
  return undefined
}

/** In the same time whatever was sent. */
function knows(sent: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(sent ?? ''), digest(`Bearer ${token}`))
}

/** Nothing but this server's own script and style sheet; no frame, no form, no request elsewhere. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
}

/** The body of a request as text; undefined where it is longer than anything that is asked here. */
export async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > bodyLimitBytes) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
