import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AtQueue } from '../run/queue/watch.ts'
import { TinyfrontError, usageError } from '../util/errors.ts'
import { personsFault } from '../util/faults.ts'
import { assets } from './assets.ts'
import { bodyLimitBytes, bodyOf, refusalOf, securityHeaders } from './guard.ts'
import { type Answer, routeOf } from './routes.ts'
import { type Runner, runner, type Spawn } from './runner.ts'
import { type Service, service } from './service.ts'

export type UiOptions = {
  readonly results: string
  /** The only study that is shown; absent = all of the results folder. */
  readonly study?: string | undefined
  /** 0 = any free one. */
  readonly port: number
  /** How a search is started in a process of its own. */
  readonly spawn: Spawn
  /** The search that runs in this very process, if one does: how it is stopped. */
  readonly own?: () => void
  /** Who is at the queue, where one is watched. */
  readonly workers?: AtQueue
  /** Told of what should not happen: a bug behind an answer 500. */
  readonly onBug?: (error: unknown) => void
}

export type Ui = {
  /** With the token behind `#`, which a browser keeps to itself. */
  readonly address: string
  readonly port: number
  readonly token: string
  readonly service: Service
  /** Interrupts searches that were started from the page, waits for them, and hangs up. */
  close(): Promise<void>
}

/** Pages that may follow studies at once. */
const followersAtMost = 32
/** A page that reads no faster than this many bytes behind is hung up on; it comes back and says what it has. */
const unreadAtMost = 1 << 26

/** The page of studies, for this machine alone. */
export async function serveUi(options: UiOptions): Promise<Ui> {
  const token = randomBytes(16).toString('hex')
  const starts = runner(options.spawn, options.own)
  const offered = service({ results: options.results, study: options.study, runner: starts, workers: options.workers })
  const served = assets()
  const open = new Set<ServerResponse>()
  const server = createServer({ maxHeaderSize: 8192 }, (request, response) => {
    handle(request, response).catch((error) => {
      options.onBug?.(error)
      if (response.headersSent) response.destroy()
      else json(response, 500, { message: 'this is a bug of tinyfront', remedy: 'see the terminal' })
    })
  })
  await listen(server, options.port)
  const { port } = server.address() as AddressInfo

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    const { method = 'GET', url = '/' } = request
    const refusal = refusalOf(request, port, token)
    if (refusal) {
      // what is left of the body is not read
      response.setHeader('connection', 'close')
      return json(response, refusal.status, { message: refusal.message, remedy: refusal.remedy })
    }
    const asset = method === 'POST' ? undefined : served(url.split('?', 1)[0]!)
    if (asset) {
      response.setHeader('content-type', asset.type)
      return void response.end(method === 'HEAD' ? undefined : asset.body)
    }
    try {
      const route = routeOf(method === 'HEAD' ? 'GET' : method, url)
      if (!route) return json(response, 404, { message: 'there is nothing at this address', remedy: 'open the page itself' })
      if (route.kind === 'follow') return follow(offered, request, response, route)
      const body = method === 'POST' ? await readBody(request, response) : undefined
      if (response.writableEnded) return
      send(response, await route.answer(offered, body))
    } catch (error) {
      const known = error instanceof TinyfrontError ? error : personsFault(error)
      if (!known) throw error
      json(response, known.kind === 'usage' ? 400 : 409, { message: known.message, remedy: known.remedy })
    }
  }

  function follow(
    from: Service,
    request: IncomingMessage,
    response: ServerResponse,
    { study, after }: { readonly study: string; readonly after: number },
  ): void {
    if (open.size >= followersAtMost) throw usageError('too many pages are open', 'close some of them')
    const hub = from.hub(study)
    hub.study()
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    if (request.method === 'HEAD') return void response.end()
    const last = request.headers['last-event-id']
    const known = typeof last === 'string' && /^\d{1,15}$/.test(last) ? Number(last) : after
    const leave = hub.follow(known, (text) => {
      if (response.writableLength > unreadAtMost) response.destroy()
      else response.write(text)
    })
    open.add(response)
    response.on('close', () => {
      open.delete(response)
      leave()
    })
  }

  return {
    address: `http://127.0.0.1:${port}/#${token}`,
    port,
    token,
    service: offered,
    close: () => close(server, starts, offered, open),
  }
}

async function readBody(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const text = await bodyOf(request)
  if (text === undefined) {
    response.setHeader('connection', 'close')
    json(response, 413, { message: `a request is at most ${bodyLimitBytes} bytes`, remedy: 'send less' })
    return undefined
  }
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    throw usageError('the request is not valid JSON', 'send JSON')
  }
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer.kind === 'json') {
    json(response, 200, answer.value)
    return
  }
  response.writeHead(200, {
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename="${answer.name}"`,
  })
  response.end(answer.bytes)
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(value))
}

async function listen(server: Server, port: number): Promise<void> {
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n')
    else socket.destroy()
  })
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? usageError(
              `port ${port} cannot be opened: ${error.code === 'EACCES' ? 'no permission' : 'it is taken'}`,
              'choose another with --port',
            )
          : error,
      ),
    )
    server.listen(port, '127.0.0.1', done)
  })
}

async function close(server: Server, starts: Runner, offered: Service, open: ReadonlySet<ServerResponse>): Promise<void> {
  await starts.close()
  offered.close()
  for (const response of open) response.destroy()
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
}
