import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { cli, history, type Running, slowWorker, trialsIn } from '../../helpers/cluster.ts'
import { hasNamespaces, makeNamespace } from '../../helpers/namespace.ts'
import { hasRedis, startRedis, type TestRedis } from '../../helpers/redis.ts'

// Whatever breaks in between, the journal is that of one machine with one worker. Longer campaigns: bench/queue-faults.ts.

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-faults-'))
const trials = 32
const asked = ['--data', 'builtin:gestures?count=200', '--device', 'stm32f446,esp32-s3', '--engine', 'fake', '--seed', '7']
/** Whether its journal is that of one machine, a clear answer where a difference of forty long lines is none. */
const same = (study: string) => history(folder, study).join('\n') === history(folder, 'alone').join('\n')

let running: Running[] = []
const watched = (made: Running): Running => {
  running.push(made)
  return made
}
const search = (study: string, ...more: string[]) =>
  watched(cli(['search', ...asked, '--trials', String(trials), '--study', study, '--results', folder, '-q', ...more]))
const resume = (study: string, ...more: string[]) => watched(cli(['resume', study, '--results', folder, '-q', ...more]))

/** Until the study has so many trials. */
async function reached(study: string, count: number): Promise<void> {
  while (trialsIn(folder, study) < count) await pause(50)
}

describe.runIf(hasRedis)('faults', () => {
  let redis: TestRedis
  const worker = (name: string, ms: number, more: string[] = [], options = {}): Running =>
    watched(slowWorker(redis.url, name, ms, more, options))
  beforeAll(async () => {
    redis = await startRedis()
    expect(await search('alone', '--workers', '1').ended).toBe(0)
  })
  afterEach(async () => {
    await Promise.all(running.map((r) => r.kill()))
    running = []
    redis.cli('flushall')
  })
  afterAll(() => {
    redis?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('killed workers, a frozen one, wrong clocks, Redis killed and emptied, the coordinator killed: the same journal', async () => {
    const queue = ['--queue', redis.url, '--lease', '1s']
    const ahead = { env: { NODE_OPTIONS: '--import=data:text/javascript,const%20n=Date.now;Date.now=()=>n()+36e5' } }
    const behind = { env: { NODE_OPTIONS: '--import=data:text/javascript,const%20n=Date.now;Date.now=()=>n()-36e5' } }
    const coordinator = search('faults', ...queue)
    const first = worker('a', 150, ['2'])
    const frozen = worker('b', 150, ['1'], ahead)
    worker('c', 150, ['1'], behind)
    await reached('faults', 6)
    await first.kill()
    frozen.child.kill('SIGSTOP')
    await reached('faults', 10)
    await redis.restart({ downMs: 500 })
    await reached('faults', 13)
    frozen.child.kill('SIGCONT') // its results come late
    worker('a', 150, ['2'])
    await redis.restart({ downMs: 500, forget: true })
    await reached('faults', 19)
    await coordinator.kill()
    const second = resume('faults', ...queue)
    await reached('faults', 25)
    await second.kill()
    expect(await resume('faults', ...queue).ended).toBe(0)
    expect(same('faults')).toBe(true)
  })

  test.runIf(hasNamespaces)('eight workers on three machines, one of them cut off for two leases: the same journal', async () => {
    const machines = [1, 2, 3].map((n) => makeNamespace(100 + n))
    const port = 20_000 + (process.pid % 20_000)
    const hosts = machines.map(({ host }) => host)
    const near = await startRedis(['--protected-mode', 'no', '--bind', '127.0.0.1', ...hosts], port)
    try {
      const workers = machines.map(({ host, prefix }, i) =>
        watched(slowWorker(`redis://${host}:${port}`, `n${i}`, 500, [i < 2 ? '3' : '2'], { prefix })),
      )
      const all = async (what: string) => {
        while (!workers.every(({ out }) => out().includes(what))) await pause(50)
      }
      await all('waiting') // or the first machine would have done everything before the last one is up
      const coordinator = search('machines', '--queue', near.url, '--lease', '1s')
      await all('job:end')
      machines[0]!.cut()
      await pause(2000)
      machines[0]!.mend()
      expect(await coordinator.ended).toBe(0)
      expect(same('machines')).toBe(true)
    } finally {
      await Promise.all(running.map((r) => r.kill()))
      near.stop()
      for (const machine of machines) machine.end()
    }
  })

  test('a machine with other bits is found by an audit, named and put in quarantine', async () => {
    const queue = ['--queue', redis.url, '--lease', '2s']
    const coordinator = search('spoilt', ...queue, '--audit', '100%')
    worker('good', 150)
    await reached('spoilt', 3)
    const bad = worker('bad', 150, ['1', 'spoil'])
    expect(await coordinator.ended).toBe(1)
    expect(coordinator.err()).toMatch(
      /error machine bad makes other results: job j[0-9a-f]{16} came to \w+ on \w+ and to \w+ on \w+/,
    )
    expect(await bad.ended).toBe(2)
    expect(bad.err()).toMatch(/machine bad is in quarantine/)
    const workers = cli(['workers', '--queue', redis.url, '--json'])
    await workers.ended
    expect(JSON.parse(workers.out()).quarantine).toHaveProperty('bad')
    const deliveries = readFileSync(join(folder, 'spoilt', 'deliveries.jsonl'), 'utf8')
    expect(deliveries).toContain('"quarantine"')
    // where results of its own were taken before, the message says so
    const hadPart = deliveries.split('\n').some((line) => line.includes('"delivery"') && line.includes('"machine":"bad"'))
    expect(coordinator.err()).toMatch(hadPart ? /start anew with --fresh/ : /go on with tinyfront resume/)
  })

  test('a worker that is told to stop is gone when its trainings are: it does not wait for its time of grace', async () => {
    search('left', '--queue', redis.url)
    const cache = ['--cache', join(folder, 'cache')]
    const worker = watched(cli(['worker', '--queue', redis.url, '--workers', '1', '--grace', '60s', ...cache, '--json']))
    while (!worker.out().includes('"type":"study"')) await pause(20)
    const from = performance.now()
    expect(await worker.kill('SIGTERM')).toBe(0)
    expect(performance.now() - from).toBeLessThan(20_000)
  })

  test('told to stop, a worker lets its trainings end or hands them back; then it is gone', async () => {
    const queue = ['--queue', redis.url, '--lease', '30s']
    const coordinator = search('handed', ...queue)
    const first = worker('first', 150)
    const endless = worker('endless', 1e7)
    // trials are committed in order, and `endless` may have the first
    while (first.out().split('job:end').length < 4 || !endless.out().includes('job:start')) await pause(50)
    const from = performance.now()
    expect(await Promise.all([first.kill('SIGTERM'), endless.kill('SIGTERM')])).toEqual([0, 0])
    expect(first.out()).not.toContain('job:back')
    expect(endless.out()).toContain('job:back')
    worker('second', 20, ['4'])
    expect(await coordinator.ended).toBe(0)
    expect(performance.now() - from).toBeLessThan(25_000) // not one lease was waited for
    expect(same('handed')).toBe(true)
  })
})
