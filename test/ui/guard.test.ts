import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bodyLimitBytes } from '../../src/ui/guard.ts'
import type { Ui } from '../../src/ui/server.ts'
import { fakeStudy, type Spawned, scratch, served } from './studies.ts'

type Asked = {
  readonly method?: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: string
}
type Answered = { readonly status: number; readonly headers: Record<string, unknown>; readonly text: string }

const ask = ({ port }: Ui, { method = 'GET', path, headers = {}, body }: Asked): Promise<Answered> =>
  new Promise((done, fail) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers: { host: `127.0.0.1:${port}`, ...headers } }, (got) => {
      let text = ''
      got.on('data', (part) => (text += part))
      got.on('end', () => done({ status: got.statusCode ?? 0, headers: got.headers, text }))
      got.on('error', fail)
    })
    sent.on('error', fail)
    sent.end(body)
  })

const json = { 'content-type': 'application/json' }

test('only this machine, this page and who knows the token is answered; every answer forbids foreign code', async () => {
  const results = scratch()
  await fakeStudy(results, 'one', 3)
  const spawned: Spawned[] = []
  const ui = await served(results, { spawned })
  const key = { authorization: `Bearer ${ui.token}` }
  const cases: readonly (readonly [number, Asked])[] = [
    [200, { path: '/' }],
    [200, { path: '/ui.js' }],
    [200, { path: '/api/studies', headers: key }],
    [200, { path: '/api/studies', headers: { ...key, host: `localhost:${ui.port}` } }],
    [200, { path: '/api/studies', headers: { ...key, origin: `http://127.0.0.1:${ui.port}` } }],
    [421, { path: '/api/studies', headers: { ...key, host: `evil.example:${ui.port}` } }],
    [421, { path: '/', headers: { host: 'evil.example' } }],
    [421, { path: '/', headers: { host: '127.0.0.1' } }],
    [403, { path: '/api/studies', headers: { ...key, origin: 'http://evil.example' } }],
    [403, { path: '/api/studies', headers: { ...key, origin: 'null' } }],
    [401, { path: '/api/studies' }],
    [401, { path: '/api/studies', headers: { authorization: `Bearer ${ui.token.slice(1)}` } }],
    [401, { path: `/api/studies?token=${ui.token}` }],
    [401, { method: 'POST', path: '/api/studies/one/resume', headers: json, body: '{}' }],
    [415, { method: 'POST', path: '/api/studies/one/resume', headers: key, body: '{}' }],
    [415, { method: 'POST', path: '/api/studies/one/resume', headers: { ...key, 'content-type': 'text/plain' }, body: '{}' }],
    [405, { method: 'POST', path: '/', headers: { ...key, ...json }, body: '{}' }],
    [405, { method: 'PUT', path: '/api/studies/one/resume', headers: { ...key, ...json } }],
    [405, { method: 'DELETE', path: '/api/studies/one', headers: key }],
    // nothing changes by GET
    [404, { path: '/api/studies/one/resume', headers: key }],
    [404, { path: '/api/studies/one/stop', headers: key }],
    [404, { path: '/api/search', headers: key }],
    [413, { method: 'POST', path: '/api/search', headers: { ...key, ...json }, body: 'x'.repeat(bodyLimitBytes + 1) }],
    [400, { method: 'POST', path: '/api/search', headers: { ...key, ...json }, body: '{"study":' }],
    [
      400,
      { method: 'POST', path: '/api/search', headers: { ...key, ...json }, body: '{"study":"../x","data":"d","targets":["a"]}' },
    ],
    [400, { path: '/api/studies/none/trials/0', headers: key }],
    [404, { path: '/api/studies/../../etc/passwd', headers: key }],
    [404, { path: '/api/studies/%2e%2e/trials/0', headers: key }],
    [404, { path: '/api/studies/one/exports/..', headers: key }],
    [400, { path: '/api/studies/one/exports/no-such', headers: key }],
  ]
  for (const [status, asked] of cases) {
    const answer = await ask(ui, asked)
    const said = `${asked.method ?? 'GET'} ${asked.path} ${JSON.stringify(asked.headers ?? {})}`
    expect(answer.status, said).toBe(status)
    expect(answer.headers['content-security-policy'], said).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/)
    expect(answer.headers['content-security-policy'], said).not.toContain('unsafe')
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    if (status >= 400) expect(Object.keys(JSON.parse(answer.text)), said).toEqual(['message', 'remedy'])
  }
  expect(spawned).toEqual([])
})

test('the whole page is small, and asks nothing of anybody else', async () => {
  const ui = await served(scratch())
  const { text } = await ask(ui, { path: '/ui.js' })
  expect(gzipSync(text).length).toBeLessThan(60_000)
  // names of XML's own, and nothing that could be fetched
  expect(
    [...text.matchAll(/https?:\/\/[^"'`\s)]+/g)].map(([url]) => url).filter((url) => !url.startsWith('http://www.w3.org/')),
  ).toEqual([])
})

test('a page of one study shows no other, and begins none', async () => {
  const results = scratch()
  await fakeStudy(results, 'one', 3)
  await fakeStudy(results, 'two', 3)
  const ui = await served(results, { study: 'one' })
  const headers = { authorization: `Bearer ${ui.token}`, ...json }
  const { text } = await ask(ui, { path: '/api/studies', headers })
  expect(JSON.parse(text).map((s: { study: string }) => s.study)).toEqual(['one'])
  expect((await ask(ui, { path: '/api/studies/two/trials/0', headers })).status).toBe(400)
  const body = '{"study":"three","data":"builtin:gestures","targets":["rp2040"]}'
  expect((await ask(ui, { method: 'POST', path: '/api/search', headers, body })).status).toBe(400)
})

test('what a person types into the form reaches the command line as values, never as flags', async () => {
  const results = scratch()
  const spawned: Spawned[] = []
  const ui = await served(results, { spawned })
  const headers = { authorization: `Bearer ${ui.token}`, ...json }
  const body = JSON.stringify({ study: 'mine', data: '--fresh', targets: ['--results=/'], trials: 3 })
  expect((await ask(ui, { method: 'POST', path: '/api/search', headers, body })).status).toBe(200)
  expect(spawned[0]!.args).toEqual([
    'search',
    `--results=${results}`,
    '--study=mine',
    '--data=--fresh',
    '--device=--results=/',
    '--trials=3',
    '--json',
    '--ignore-config',
  ])
})

test('a trial is told on each board, and what a fake study cannot give is refused in two lines', async () => {
  const results = scratch()
  await fakeStudy(results, 'one', 3)
  const ui = await served(results)
  const headers = { authorization: `Bearer ${ui.token}`, ...json }
  const page = JSON.parse((await ask(ui, { path: '/api/studies/one/trials/0?board=rp2040', headers })).text)
  expect([page.board, page.trial.costs.length, page.network.trial]).toEqual(['rp2040', 2, 0])
  expect(page.without).toContain('fake')
  for (const asked of [
    { path: '/api/studies/one/trials/0/predictions' },
    { method: 'POST', path: '/api/studies/one/trials/0/export', body: '{"format":"c"}' },
    { path: '/api/studies/one/trials/99999' },
    { path: '/api/studies/one/trials/0?board=nowhere' },
  ])
    expect((await ask(ui, { ...asked, headers })).status, asked.path).toBe(400)
})
