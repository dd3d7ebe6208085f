import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Ui } from '../../src/ui/server.ts'
import { rng } from '../../src/util/rng.ts'
import { fakeStudy, type Spawned, scratch, served } from './studies.ts'

const requests = 5000
/** Stands in files that nobody may be shown. */
const secret = 'do-not-tell-7f3a'

/** Sends bytes as they are; gives what came back once the server hangs up, is silent, or has answered enough. */
function exchange({ port }: Ui, bytes: Buffer): Promise<string> {
  return new Promise((done) => {
    let got = ''
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes))
    // half a request is answered by nobody: the server waits for the rest, and then hangs up
    socket.setTimeout(1500, () => socket.destroy())
    socket.on('data', (part) => {
      got += part.toString('latin1')
      if (got.includes('text/event-stream') || got.length > 200_000) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => done(got))
  })
}

const words = [
  '..',
  '../',
  '..%2f',
  '%2e%2e/',
  '..\\',
  '%00',
  '\0',
  '//',
  '/etc/passwd',
  'file:///etc/passwd',
  'C:\\',
  '~',
  '%',
  '%zz',
  '?',
  '#',
  '&of=1,2',
  '\r\n',
  '\r\nhost: evil',
  'one',
  'linked',
  'outside',
  'secret.txt',
  '0',
  '-1',
  '1e9',
  '99999999999999999999',
  'NaN',
  '__proto__',
  'constructor',
  '{}',
  '[]',
  'null',
  '"',
  "'",
  '<script>',
  '\u{1f600}',
  'a'.repeat(3000),
  'GET',
  'POST',
  'CONNECT',
  'OPTIONS',
  'transfer-encoding: chunked',
  'content-length: 5',
  'content-length: -1',
  'expect: 100-continue',
  'upgrade: websocket',
  'last-event-id: 7',
  'connection: keep-alive',
]

/** One to three changes of a well-formed request: a word put in, a piece cut out or doubled, a byte turned. */
function mutated(base: string, random: () => number): Buffer {
  const pick = (n: number) => Math.floor(random() * n)
  let bytes = Buffer.from(base, 'utf8')
  for (let k = 1 + pick(3); k > 0; k--) {
    const at = pick(bytes.length)
    const to = Math.min(bytes.length, at + 1 + pick(12))
    const way = pick(5)
    const word = Buffer.from(words[pick(words.length)]!)
    // most changes go where a request says what it wants
    const near = way < 3 ? Math.min(at, base.indexOf('HTTP/1.1') - 1 + pick(3)) : at
    if (way < 2) bytes = Buffer.concat([bytes.subarray(0, near), word, bytes.subarray(near)])
    else if (way === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)])
    else if (way === 3) bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)])
    else {
      bytes = Buffer.from(bytes)
      bytes[at] = pick(256)
    }
  }
  return bytes
}

test(`${requests} mutated requests: no crash, no hang, nothing outside the folder is read, nothing changes by GET`, async () => {
  const results = scratch()
  const outside = scratch()
  await fakeStudy(results, 'one', 12)
  writeFileSync(join(outside, 'secret.txt'), secret)
  writeFileSync(join(results, 'secret.txt'), secret)
  mkdirSync(join(results, 'one', 'export', 'trial-1-c'), { recursive: true })
  writeFileSync(join(results, 'one', 'export', 'trial-1-c', 'main.c'), 'int main;')
  symlinkSync(outside, join(results, 'one', 'export', 'linked'))
  symlinkSync(join(outside, 'secret.txt'), join(results, 'one', 'export', 'trial-1-c', 'secret.txt'))
  const spawned: Spawned[] = []
  const ui = await served(results, { spawned })
  const head = `host: 127.0.0.1:${ui.port}\r\nauthorization: Bearer ${ui.token}\r\n`
  const get = (path: string) => `GET ${path} HTTP/1.1\r\n${head}connection: close\r\n\r\n`
  const post = (path: string, body: string) =>
    `POST ${path} HTTP/1.1\r\n${head}connection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  const reads = [
    '/',
    '/ui.js',
    '/api/studies',
    '/api/boards',
    '/api/studies/one/events?after=0',
    '/api/studies/one/trials/3?board=rp2040',
    '/api/studies/one/trials/3/predictions',
    '/api/studies/one/examples?of=1,2,3',
    '/api/studies/one/exports/trial-1-c',
    '/api/studies/one/exports/linked',
  ].map(get)
  const writes = [post('/api/studies/one/stop', '{}'), post('/api/studies/one/trials/3/export', '{"format":"c"}')]
  const random = rng('1', 'fuzz').next
  const bases = [...reads, ...reads, ...writes]
  let answers = 0
  let silent = 0
  const work = Array.from({ length: requests }, () => mutated(bases[Math.floor(random() * bases.length)]!, random))
  const lane = async () => {
    for (let bytes = work.pop(); bytes; bytes = work.pop()) {
      const got = await exchange(ui, bytes)
      if (got === '') silent++
      else answers++
      expect(got.includes(secret), bytes.toString()).toBe(false)
      expect(got.includes('root:'), bytes.toString()).toBe(false)
      expect(got.startsWith('HTTP/1.1 500'), bytes.toString()).toBe(false)
    }
  }
  await Promise.all(Array.from({ length: 16 }, lane))
  expect(spawned).toEqual([])
  expect(answers).toBeGreaterThan(requests / 3)
  expect(answers + silent).toBe(requests)
  // it is all there still
  expect(await exchange(ui, Buffer.from(get('/api/studies')))).toContain('"study":"one"')
  expect(await exchange(ui, Buffer.from(get('/api/studies/one/exports/trial-1-c')))).toContain('main.c')
})
