import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { rng } from '../src/util/rng.ts'
import { cli, history, type Running, slowWorker, start, trialsIn } from '../test/helpers/cluster.ts'
import { makeNamespace } from '../test/helpers/namespace.ts'
import { startRedis, type TestRedis } from '../test/helpers/redis.ts'

// npx tsx bench/queue-faults.ts [SEED] [SCENARIO…]: the table of faults of docs/scale.md. Real trainings but for `kills`; needs root for the network
// and the full disk, redis-server, and the build.

const [seed = '1', ...only] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'tinyfront-campaign-'))
const main = new URL('../dist/cli/main.js', import.meta.url).pathname
const data = ['--data', 'builtin:gestures?count=200', '--device', 'stm32f446,esp32-s3', '--seed', seed]
const real = [...data, '--trials', '10', '--polish', '2']
const results = ['--results', folder, '-q']
const random = rng('queue faults', seed)
let running: Running[] = []
const watched = (made: Running): Running => {
  running.push(made)
  return made
}

type Place = { readonly redis: TestRedis; readonly queue: readonly string[]; readonly study: string }
const search = (args: readonly string[], { study, queue }: Place, ...more: string[]) =>
  watched(cli(['search', ...args, '--study', study, ...results, ...queue, ...more]))
const resume = ({ study, queue }: Place) => watched(cli(['resume', study, ...results, ...queue]))
const worker = (
  { redis }: Place,
  name: string,
  options: Parameters<typeof start>[2] = {},
  more: readonly string[] = [],
): Running =>
  watched(
    start(
      name,
      [
        main,
        'worker',
        '--queue',
        redis.url,
        '--workers',
        '1',
        '--name',
        name,
        '--cache',
        join(folder, `cache-${name}`),
        '--json',
        ...more,
      ],
      options,
    ),
  )
const reached = async ({ study }: Place, count: number, of?: Running) => {
  while (trialsIn(folder, study) < count && of?.child.exitCode == null) await pause(50)
}
const clock = (hours: number) => ({
  env: { NODE_OPTIONS: `--import=data:text/javascript,const%20n=Date.now;Date.now=()=>n()+${hours}*36e5` },
})
type Scenario = {
  readonly fault: string
  readonly run: (place: Place) => Promise<{ readonly code: number | null; readonly said: string }>
}

/**
 * Workers on three machines, each with a network of its own. One after the other: a worker is killed and started again, the first machine's network is
 * cut, Redis is killed and started again on its files, the coordinator is killed and resumed.
 */
function onThreeMachines(workers: number): Scenario {
  return {
    fault: `${workers} worker${workers > 1 ? 's' : ''} on three machines (namespaces): a worker killed -9, a network cut for 5 s, Redis killed -9, the coordinator killed -9`,
    async run(place) {
      const machines = [1, 2, 3].map(makeNamespace)
      const redis = await startRedis(['--protected-mode', 'no', '--bind', '127.0.0.1', ...machines.map((m) => m.host)], 16399)
      const there = { ...place, redis, queue: ['--queue', redis.url, '--lease', '3s'] }
      const begin = (i: number) => {
        const { host, prefix } = machines[i % 3]!
        return worker({ ...there, redis: { ...redis, url: `redis://${host}:16399` } }, `m${i}`, { prefix })
      }
      try {
        const all = Array.from({ length: workers }, (_, i) => begin(i))
        const c = search(real, there)
        await reached(there, 2)
        await all.at(-1)!.kill()
        all.push(begin(workers - 1))
        await reached(there, 4)
        machines[0]!.cut()
        await pause(5000)
        machines[0]!.mend()
        await reached(there, 6)
        await redis.restart({ downMs: 1000 })
        await reached(there, 8)
        await c.kill()
        const code = await resume(there).ended
        return { code, said: `${again(place)}; jobs done: ${all.map((w) => count(w, 'job:end')).join(', ')}` }
      } finally {
        await Promise.all(running.map((r) => r.kill()))
        redis.stop()
        for (const machine of machines) machine.end()
      }
    },
  }
}

const scenarios: Record<string, Scenario> = {
  'worker-9': {
    fault: 'worker killed -9 at work, started again',
    async run(place) {
      worker(place, 'a')
      const b = worker(place, 'b')
      const c = search(real, place)
      await reached(place, 2)
      await b.kill()
      worker(place, 'b')
      return { code: await c.ended, said: again(place) }
    },
  },
  'machine-gone': {
    fault: 'a machine gone for good at work',
    async run(place) {
      worker(place, 'a')
      const b = worker(place, 'b')
      const c = search(real, place)
      await reached(place, 2)
      await b.kill()
      return { code: await c.ended, said: again(place) }
    },
  },
  'redis-restart': {
    fault: 'Redis killed -9, back after 5 s with its AOF',
    async run(place) {
      worker(place, 'a')
      worker(place, 'b')
      const c = search(real, place)
      await reached(place, 2)
      await place.redis.restart({ downMs: 5000 })
      return { code: await c.ended, said: again(place) }
    },
  },
  'redis-lost': {
    fault: 'Redis lost with all it held, a new one after 5 s',
    async run(place) {
      worker(place, 'a')
      worker(place, 'b')
      const c = search(real, place)
      await reached(place, 2)
      await place.redis.restart({ downMs: 5000, forget: true })
      return { code: await c.ended, said: again(place) }
    },
  },
  coordinator: {
    fault: 'coordinator killed -9 twice, resumed',
    async run(place) {
      worker(place, 'a')
      worker(place, 'b')
      const first = search(real, place)
      await reached(place, 2)
      await first.kill()
      await pause(3000)
      const second = resume(place)
      await reached(place, 6)
      await second.kill()
      return { code: await resume(place).ended, said: again(place) }
    },
  },
  network: {
    fault: "a machine's network cut for 60 s (namespace, packets vanish)",
    async run(place) {
      const far = makeNamespace(1)
      const near = await startRedis(['--protected-mode', 'no', '--bind', '127.0.0.1', far.host], 16399)
      try {
        const there = { ...place, redis: near, queue: ['--queue', near.url, '--lease', '3s'] }
        worker(there, 'a')
        const b = worker({ ...there, redis: { ...near, url: `redis://${far.host}:16399` } }, 'b', { prefix: far.prefix })
        const c = search([...real.slice(0, -4), '--trials', '40', '--polish', '2'], there)
        while (!b.out().includes('job:start')) await pause(50)
        await reached(there, 3)
        far.cut()
        await pause(60_000)
        far.mend()
        const code = await c.ended
        return { code, said: `${again(place)}; the machine did ${count(b, 'job:end')} jobs` }
      } finally {
        await Promise.all(running.map((r) => r.kill()))
        near.stop()
        far.end()
      }
    },
  },
  ...Object.fromEntries([1, 2, 8].map((workers) => [`machines-${workers}`, onThreeMachines(workers)])),
  'disk-full': {
    fault: 'disk of a worker full (cache on a disk of 64 kB)',
    async run(place) {
      const cache = join(folder, 'cache-full')
      execFileSync('mkdir', ['-p', cache])
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', cache])
      try {
        const a = worker(place, 'full')
        const c = search(real, place)
        const code = await c.ended
        return {
          code,
          said: /ENOSPC/.test(a.out()) ? 'the worker says ENOSPC and goes on without its cache' : 'no trouble was met',
        }
      } finally {
        await Promise.all(running.map((r) => r.kill()))
        execFileSync('umount', [cache])
      }
    },
  },
  clocks: {
    fault: 'clocks an hour ahead and an hour behind',
    async run(place) {
      const a = worker(place, 'a', clock(1))
      const b = worker(place, 'b', clock(-1))
      const code = await search(real, place).ended
      return { code, said: `${count(a, 'job:end')} and ${count(b, 'job:end')} jobs done` }
    },
  },
  late: {
    fault: 'a worker frozen for three leases, then going on: late and double deliveries',
    async run(place) {
      worker(place, 'a')
      const b = worker(place, 'b')
      const c = search([...real.slice(0, -4), '--trials', '16', '--polish', '2'], place)
      await reached(place, 1)
      b.child.kill('SIGSTOP')
      await pause(6000)
      b.child.kill('SIGCONT')
      const code = await c.ended
      return { code, said: `${late(place)} deliveries came late, equal` }
    },
  },
  kills: {
    fault: '100 random kills (-9) of workers and coordinator, fake engine, 300 trials',
    async run(place) {
      const fake = [...data, '--engine', 'fake', '--trials', '300']
      let workers = ['a', 'b', 'c'].map((name) => watched(slowWorker(place.redis.url, name, 400, ['2'])))
      let coordinator = search(fake, place)
      const killed = { worker: 0, coordinator: 0 }
      while (killed.worker + killed.coordinator < 100) {
        await pause(300 + random.int(1500))
        if (random.int(5) === 0 || coordinator.child.exitCode !== null) {
          if (trialsIn(folder, place.study) === 0) continue
          if (coordinator.child.exitCode === null) killed.coordinator++
          await coordinator.kill()
          coordinator = resume(place)
          continue
        }
        const i = random.int(workers.length)
        await workers[i]!.kill()
        killed.worker++
        workers = workers.map((w, j) => (j === i ? watched(slowWorker(place.redis.url, w.name, 400, ['2'])) : w))
      }
      const atKills = trialsIn(folder, place.study)
      const code = await coordinator.ended
      return {
        code,
        said: `${killed.worker} workers and ${killed.coordinator} coordinators killed by trial ${atKills}; ${again(place)}`,
      }
    },
  },
}

const events = (study: string): { type: string; kind?: string; why?: string }[] =>
  readFileSync(join(folder, study, 'deliveries.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l))
const again = ({ study }: Place) =>
  `${events(study).filter((e) => e.type === 'again').length} jobs handed out again by the coordinator`
const late = ({ study }: Place) => events(study).filter((e) => e.kind === 'late').length
const count = (r: Running, what: string) => r.out().split(what).length - 1

const trialsOf = (name: string) => (name === 'kills' ? 300 : name === 'network' ? 40 : name === 'late' ? 16 : 10)

/** What one machine with one worker comes to, once for each length. */
const alone = new Map<string, string[]>()
async function reference(name: string): Promise<string[]> {
  const study = `alone-${name === 'kills' ? 'fake-' : ''}${trialsOf(name)}`
  const known = alone.get(study)
  if (known) return known
  const args = name === 'kills' ? [...data, '--engine', 'fake'] : [...data, '--polish', '2']
  const code = await cli(['search', ...args, '--trials', String(trialsOf(name)), '--study', study, ...results, '--workers', '1'])
    .ended
  if (code !== 0) throw new Error(`the reference ended with ${code}`)
  const lines = history(folder, study)
  alone.set(study, lines)
  return lines
}

console.log('| fault | seed | code | trials | journal | seconds | |\n|---|---|---|---|---|---|---|')
for (const [name, { fault, run }] of Object.entries(scenarios)) {
  if (only.length > 0 && !only.includes(name)) continue
  const expected = await reference(name)
  const redis = await startRedis()
  const place: Place = { redis, queue: ['--queue', redis.url, '--lease', '2s'], study: name }
  const from = performance.now()
  try {
    const { code, said } = await run(place)
    const got = history(folder, name)
    const isSame = got.join('\n') === expected.join('\n')
    const seconds = ((performance.now() - from) / 1000).toFixed(0)
    console.log(
      `| ${fault} | ${seed} | ${code} | ${trialsIn(folder, name)} of ${trialsOf(name)} | ${isSame ? 'equal' : 'DIFFERENT'} | ${seconds} | ${said} |`,
    )
  } catch (error) {
    console.log(`| ${fault} | ${seed} | ${(error as Error).message} |`)
  } finally {
    await Promise.all(running.map((r) => r.kill()))
    running = []
    redis.stop()
  }
}
if (process.env.KEEP === undefined) rmSync(folder, { recursive: true, force: true })
else console.log(folder)
