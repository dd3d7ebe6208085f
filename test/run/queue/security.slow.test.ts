import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../../src/util/package-root.ts'
import { cli, history, type Running, slowWorker } from '../../helpers/cluster.ts'
import { hasRedis, startRedis, type TestRedis } from '../../helpers/redis.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-security-'))
const secret = 'correct-horse-battery'
const port = 20_000 + (process.pid % 20_000)
const address = (password: string) => `rediss://tinyfront:${password}@localhost:${port}`
const asked = [
  '--data',
  'builtin:gestures?count=200',
  '--device',
  'stm32f446',
  '--engine',
  'fake',
  '--trials',
  '20',
  '--seed',
  '7',
]
const promised: Record<string, string[]> = {
  studies: ['study', 'queue', 'coordinator', 'waiting', 'active'],
  workers: [
    ...['id', 'machine', 'version', 'kernels', 'threads', 'study', 'queue', 'state', 'jobs'],
    ...['done', 'failed', 'busySeconds', 'upSeconds', 'lastError'],
  ],
}
const file = (name: string) => join(folder, name)
const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })

/** Every file below a folder, as text. */
const textIn = (at: string): string =>
  readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile())
    .map((f) => readFileSync(join(f.parentPath, f.name), 'latin1'))
    .join('\n')

describe.runIf(hasRedis)('TLS and an ACL user with the commands of deploy/redis/users.acl', () => {
  let redis: TestRedis
  const running: Running[] = []
  const env = { env: { NODE_EXTRA_CA_CERTS: file('cert.pem') } }
  beforeAll(async () => {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      file('key.pem'),
      '-out',
      file('cert.pem'),
      ...subject,
    )
    const rules = readFileSync(join(packageRoot, 'deploy/redis/users.acl'), 'utf8').replace('change-me', secret)
    // the tests themselves look on as another user
    writeFileSync(file('users.acl'), `${rules}user watcher on >watch ~* &* +@all\n`)
    const tls = [
      '--tls-port',
      String(port),
      '--tls-cert-file',
      file('cert.pem'),
      '--tls-key-file',
      file('key.pem'),
      '--tls-auth-clients',
      'no',
    ]
    redis = await startRedis([...tls, '--aclfile', file('users.acl')])
  })
  afterAll(async () => {
    await Promise.all(running.map((r) => r.kill()))
    redis?.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const watch = (...args: string[]) => redis.cli('--no-auth-warning', '--user', 'watcher', '-a', 'watch', ...args)
  const as = (...args: string[]) => redis.cli('--no-auth-warning', '--user', 'tinyfront', '-a', secret, ...args)

  test('a study runs, no command was refused, and the password stands nowhere', async () => {
    const queue = { env: { ...env.env, TINYFRONT_QUEUE: address(secret) } }
    running.push(slowWorker(address(secret), 'a', 40, ['2'], env), slowWorker(address(secret), 'b', 40, ['2'], env))
    // a real worker, which has its address from the command line and writes a log
    const logged = cli(['worker', '--queue', address(secret), '--name', 'c', '--cache', file('cache'), '--json'], env)
    running.push(logged)
    const search = cli(
      ['search', ...asked, '--study', 's', '--results', file('r'), '--audit', '30%', '--queue', address(secret)],
      env,
    )
    while (search.child.exitCode === null && !search.err().includes('engine')) await pause(50)
    const [workers, json] = [cli(['workers'], queue), cli(['workers', '--json', '--queue', address(secret)], env)]
    await Promise.all([workers.ended, json.ended])
    expect(await search.ended).toBe(0)
    expect(workers.out()).toMatch(/^ {2}[ab]-\d+/m)
    const told = JSON.parse(json.out())
    expect(told).toMatchObject({ schemaVersion: 1, queue: `rediss://localhost:${port}`, studies: [{ study: 's' }] })
    // what docs/json.md promises
    for (const [name, values] of Object.entries({ studies: told.studies, workers: told.workers }))
      for (const value of values as object[]) expect(Object.keys(value)).toEqual(promised[name])
    expect(told.workers.length).toBeGreaterThan(1)
    expect(logged.out()).toContain('"type":"waiting"')
    expect(await logged.kill('SIGTERM')).toBe(0)
    expect(watch('acl', 'log')).toBe('')
    const alone = cli(['search', ...asked, '--study', 'alone', '--results', file('r'), '-q'])
    expect(await alone.ended).toBe(0)
    expect(history(file('r'), 's').join('\n') === history(file('r'), 'alone').join('\n')).toBe(true)
    const said = [search, workers, json, logged, ...running].flatMap((r) => [r.out(), r.err()])
    // journal, deliveries, report; what the worker kept; all that Redis was told
    for (const text of [...said, textIn(file('r')), textIn(file('cache')), textIn(redis.folder)])
      expect(text).not.toContain(secret)
    expect(textIn(file('r'))).toContain('"delivery"')
    expect(search.err()).toContain(`rediss://localhost:${port}`)
  })

  test('the user may do nothing else', () => {
    for (const command of [
      ['flushall'],
      ['config', 'get', '*'],
      ['keys', '*'],
      ['script', 'flush'],
      ['acl', 'list'],
      ['shutdown'],
    ])
      expect(as(...command)).toMatch(/NOPERM/)
    expect(as('get', 'tinyfront:x')).toBe('')
    expect(as('get', 'other')).toMatch(/NOPERM/)
    expect(as('eval', "return redis.call('flushall')", '0')).toMatch(/can't run this command|NOPERM/)
  })

  test('a wrong password, a certificate that nobody vouches for, a server that is not there: two lines without the password', async () => {
    const ask = async (url: string, options: object) => {
      const asking = cli(['workers', '--queue', url], options)
      return { code: await asking.ended, err: asking.err() }
    }
    const [wrong, unknown, nobody, odd] = await Promise.all([
      ask(address('a-wrong-one'), env),
      ask(address(secret), {}),
      ask(`redis://user:${secret}@127.0.0.1:1`, {}),
      ask(`http://user:${secret}@127.0.0.1`, {}),
    ])
    expect(wrong.err).toMatch(/^error rediss:\/\/localhost:\d+ refuses name or password\nmend {2}.+\n$/)
    expect(wrong.err).not.toContain('a-wrong-one')
    expect(unknown.err).toMatch(
      /^error the queue rediss:.+ cannot be reached: .*(SELF_SIGNED|self-signed|DEPTH_ZERO).*\nmend {2}.+\n$/,
    )
    expect(nobody).toMatchObject({ code: 4, err: expect.stringMatching(/^error .*ECONNREFUSED\nmend {2}.+\n$/) })
    expect(odd).toMatchObject({ code: 2, err: expect.stringMatching(/^error .+\nmend {2}.+\n$/) })
    for (const { err } of [unknown, nobody, odd]) expect(err).not.toContain(secret)
  })
})
