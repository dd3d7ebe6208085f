import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cli, history, type Running, slowWorker, start, trialsIn } from '../test/helpers/cluster.ts'
import { startRedis, type TestRedis } from '../test/helpers/redis.ts'

// npx tsx bench/queue.ts overhead | cluster [WORKERS] [TRIALS] [LAG] | scaling [ROUNDS] [DATA] [TRIALS] | bytes: what a queue costs. Needs the build and redis-server.

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tinyfront-bench-queue-'))
const [what = 'overhead', ...more] = process.argv.slice(2)

/** Processor seconds of a process so far, its threads included. */
function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Jobs that sleep, one at a time, through piscina and through the queue: what one job takes beyond its sleep. */
async function overhead(): Promise<void> {
  const probe = fileURLToPath(new URL('../test/helpers/overhead.mjs', import.meta.url))
  const redis = await startRedis(['--appendfsync', 'everysec'])
  try {
    console.log('| job | jobs | piscina, over its time | queue, over its time |\n|---|---|---|---|')
    for (const [ms, jobs] of [
      [10, 200],
      [1000, 12],
      [10_000, 3],
    ] as const) {
      const measured = spawnSync(process.execPath, [probe, redis.url, String(ms), String(jobs)], { encoding: 'utf8' })
      const { threads, queue } = JSON.parse(measured.stdout) as { threads: number; queue: number }
      console.log(`| ${ms} ms | ${jobs} | ${threads.toFixed(2)} ms | ${queue.toFixed(2)} ms |`)
    }
  } finally {
    redis.stop()
  }
}

/** Many simulated workers on one Redis: a fake search whose trainings take as long as trainings do. */
async function cluster(): Promise<void> {
  const [workers = 200, trials = 1700, lag = 400, ms = 60_000] = more.map(Number)
  const redis = await startRedis(['--appendfsync', 'everysec'])
  const perProcess = 50
  const running: Running[] = []
  const asked = ['search', '--data', 'builtin:gestures?count=200', '--device', 'stm32f446', '--engine', 'fake', '--seed', '1']
  const args = [
    ...asked,
    '--trials',
    String(trials),
    '--lag',
    String(lag),
    '--strategy',
    more[4] ?? 'evolution',
    '--study',
    'many',
    '--results',
    folder,
    '-q',
  ]
  try {
    for (let i = 0; i < workers / perProcess; i++) running.push(slowWorker(redis.url, `m${i}`, ms, [String(perProcess)]))
    await pause(3000)
    const coordinator = cli([...args, '--queue', redis.url])
    running.push(coordinator)
    const log = join(folder, 'many', 'deliveries.jsonl')
    const delivered = () => (existsSync(log) ? readFileSync(log, 'utf8').split('"delivery"').length - 1 : 0)
    const pid = coordinator.child.pid!
    const now = () => ({
      at: performance.now(),
      cpu: processorSeconds(pid),
      redis: processorSeconds(redis.pid()),
      trials: delivered(),
    })
    // every worker is at its second job by now
    await pause(2.2 * ms)
    const from = now()
    let to = from
    // the tail, in which the last jobs end, keeps nobody busy
    while (coordinator.child.exitCode === null && to.trials < trials - lag) {
      await pause(1000)
      to = now()
    }
    const seconds = (to.at - from.at) / 1000
    const done = to.trials - from.trials
    const idle = 1 - (done * ms) / 1000 / (seconds * workers)
    const info = redis.cli('info')
    const number = (name: string) => Number(new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1])
    console.log(
      JSON.stringify({
        workers,
        trials,
        lag,
        jobMs: ms,
        seconds: Math.round(seconds),
        measuredTrials: done,
        trialsPerSecond: done / seconds,
        coordinatorCore: (to.cpu - from.cpu) / seconds,
        coordinatorCpuPer1000: (1000 * (to.cpu - from.cpu)) / done,
        redisCore: (to.redis - from.redis) / seconds,
        idle,
        bytesPerTrial: (number('total_net_input_bytes') + number('total_net_output_bytes')) / delivered(),
        redisPeakBytes: number('used_memory_peak'),
      }),
    )
  } finally {
    await Promise.all(running.map((r) => r.kill()))
    redis.stop()
  }
}

/** Seconds from the first trial to the last polish, as the journal tells: what workers can share. */
function trainingSpan(study: string): number {
  const lines = readFileSync(join(folder, study, 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l))
  const times = lines.filter((l) => l.type === 'trial' || l.type === 'polish').map((l) => Number(l.seconds))
  return times.at(-1)! - times[0]!
}

/** Processor seconds of the whole machine so far: whoever works. */
function machineSeconds(): number {
  const [user, nice, system] = readFileSync('/proc/stat', 'utf8').split(/\s+/).slice(1, 4).map(Number)
  return (user! + nice! + system!) / 100
}

type Costs = {
  readonly seconds: number
  readonly workers: readonly number[]
  readonly coordinator: number
  readonly others: number
}

/** One study on so many worker processes of one thread: seconds of its trainings, and processor seconds of everybody while it ran. */
async function oneStudy(study: string, workers: number, redis: TestRedis, data: string, trials: string): Promise<Costs> {
  const running = Array.from({ length: workers }, (_, i) => {
    const cache = ['--cache', join(folder, `c${i}`)]
    return start(`s${i}`, [main, 'worker', '--queue', redis.url, '--workers', '1', '--name', `s${i}`, ...cache, '-q'])
  })
  await pause(3000)
  const now = () => running.map((r) => processorSeconds(r.child.pid!))
  const [before, machineBefore, redisBefore] = [now(), machineSeconds(), processorSeconds(redis.pid())]
  const asked = ['--data', data, '--device', 'stm32f446', '--seed', '1', '--trials', trials, '--polish', '0', '--teacher', 'none']
  const search = cli(['search', ...asked, '--study', study, '--results', folder, '-q', '--queue', redis.url])
  let coordinator = 0
  while (search.child.exitCode === null) {
    await pause(100)
    // gone in between: what was read before counts
    if (existsSync(`/proc/${search.child.pid}/stat`)) coordinator = Math.max(coordinator, processorSeconds(search.child.pid!))
  }
  if ((await search.ended) !== 0) throw new Error(search.err())
  const took = now().map((seconds, i) => seconds - before[i]!)
  const ours = took.reduce((a, b) => a + b) + coordinator + processorSeconds(redis.pid()) - redisBefore
  const others = machineSeconds() - machineBefore - ours
  await Promise.all(running.map((r) => r.kill()))
  return { seconds: trainingSpan(study), workers: took, coordinator, others }
}

/** One real study on one worker process and on two, turn about. `others` tells how much else ran on the machine, this script included. */
async function scaling(): Promise<void> {
  const rounds = Number(more[0] ?? 2)
  const took: Record<number, number[]> = { 1: [], 2: [] }
  const redis = await startRedis()
  const list = (values: readonly number[]) => values.map((v) => v.toFixed(1)).join(' + ')
  try {
    for (let round = 0; round < rounds; round++)
      for (const workers of round % 2 === 0 ? [1, 2] : [2, 1]) {
        const study = `w${workers}-${round}`
        const costs = await oneStudy(study, workers, redis, more[1] ?? 'builtin:keywords?count=600', more[2] ?? '24')
        took[workers]!.push(costs.seconds)
        console.log(
          `round ${round}, ${workers} worker processes: ${costs.seconds.toFixed(1)} s for ${trialsIn(folder, study)} trials; processor seconds: workers ${list(costs.workers)}, coordinator ${costs.coordinator.toFixed(1)}, others ${costs.others.toFixed(1)}`,
        )
      }
    const first = history(folder, 'w1-0').join('\n')
    const studies = Array.from({ length: rounds }, (_, r) => [`w1-${r}`, `w2-${r}`]).flat()
    const equal = studies.every((s) => history(folder, s).join('\n') === first)
    const best = (n: number) => Math.min(...took[n]!)
    console.log(`speed-up of the best runs ${(best(1) / best(2)).toFixed(2)}, journals ${equal ? 'equal' : 'DIFFERENT'}`)
  } finally {
    redis.stop()
  }
}

/** What Redis saw of a real study with so many trials: its inputs and outputs, and the most that it held. */
async function traffic(trials: number): Promise<{ readonly into: number; readonly out: number; readonly peak: number }> {
  const redis = await startRedis()
  const study = `bytes-${trials}`
  const cache = ['--cache', join(folder, `cache-${trials}`)]
  const worker = start('b', [main, 'worker', '--queue', redis.url, '--workers', '2', '--name', 'b', ...cache, '-q'])
  try {
    const asked = ['--data', more[0] ?? 'builtin:keywords?count=600', '--device', 'stm32f446', '--seed', '1', '--polish', '0']
    const search = cli([
      ...['search', ...asked, '--trials', String(trials), '--study', study],
      ...['--results', folder, '-q', '--queue', redis.url],
    ])
    if ((await search.ended) !== 0) throw new Error(search.err())
    const info = redis.cli('info')
    const number = (name: string) => Number(new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1])
    return { into: number('total_net_input_bytes'), out: number('total_net_output_bytes'), peak: number('used_memory_peak') }
  } finally {
    await worker.kill()
    redis.stop()
  }
}

/** Bytes through Redis: what a study takes once (data, teacher), and what each further trial adds. */
async function bytes(): Promise<void> {
  const [few, many] = [24, 72]
  const [short, long] = [await traffic(few), await traffic(many)]
  const all = ({ into, out }: typeof short) => into + out
  const perTrial = (all(long) - all(short)) / (many - few)
  console.log({ [few]: short, [many]: long, perTrial, once: all(short) - few * perTrial })
}

await { overhead, cluster, scaling, bytes }[what as 'overhead']()
rmSync(folder, { recursive: true, force: true })
