import { usageError } from '../../util/errors.ts'

/** Where a queue is. Its address may hold a password: it is said only as `shown`. */
export type Place = {
  readonly host: string
  readonly port: number
  /** A unix socket stands in for host and port. */
  readonly path?: string
  readonly tls: boolean
  readonly username?: string
  readonly password?: string
  readonly db: number
  /** Without the password: for messages and logs. */
  readonly shown: string
}

const example = 'write for example redis://127.0.0.1:6379, rediss://user:password@host:6380/0 or unix:///run/redis.sock'

/** "redis://user:password@host:6379/0", with TLS "rediss://…", or "unix:///path/to/socket". */
export function placeOf(text: string): Place {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw usageError('the address of the queue is not understood', example) // never the text: it may hold a password
  }
  const scheme = url.protocol.slice(0, -1)
  if (!['redis', 'rediss', 'unix'].includes(scheme)) throw usageError(`a queue at "${scheme}:" is not known`, example)
  const user = decodeURIComponent(url.username)
  const password = decodeURIComponent(url.password)
  const db = scheme === 'unix' ? url.searchParams.get('db') : url.pathname.slice(1)
  if (db && !/^[0-9]{1,4}$/.test(db)) throw usageError(`"${db}" is not the number of a Redis data base`, example)
  const secrets = { ...(user ? { username: user } : {}), ...(password ? { password } : {}), db: Number(db || 0) }
  if (scheme === 'unix') {
    if (url.pathname.length < 2) throw usageError('the address of the queue names no socket', example)
    const path = decodeURIComponent(url.pathname)
    return { host: '', port: 0, path, tls: false, ...secrets, shown: `unix://${path}` }
  }
  if (!url.hostname) throw usageError('the address of the queue names no host', example)
  const port = Number(url.port || 6379)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return { host, port, tls: scheme === 'rediss', ...secrets, shown: `${scheme}://${url.hostname}:${port}` }
}
