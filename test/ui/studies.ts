import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { search } from '../../src/index.ts'
import { formatLine, type Line, parseLine } from '../../src/store/journal-lines.ts'
import { serveUi, type Ui } from '../../src/ui/server.ts'
import { rng } from '../../src/util/rng.ts'

/** A folder that is gone after the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-ui-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

let made: Promise<readonly string[]> | undefined

/** The journal of a study of the fake engine, line by line: made once, for it takes a second. */
async function fakeJournal(): Promise<readonly string[]> {
  const results = mkdtempSync(join(tmpdir(), 'tinyfront-ui-'))
  const asked = { data: 'builtin:gestures', targets: ['stm32f446', 'rp2040'], engine: 'fake', seed: '1', workers: 1 } as const
  for await (const _ of search({ ...asked, study: 'made', trials: 12, results }));
  const lines = readFileSync(join(results, 'made', 'journal.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
  rmSync(results, { recursive: true })
  return lines
}

/** A study of so many trials that was stopped there; with 12 or more it came to its end. */
export async function fakeStudy(results: string, study: string, trials: number): Promise<void> {
  const lines = await (made ??= fakeJournal())
  mkdirSync(join(results, study))
  writeFileSync(join(results, study, 'journal.jsonl'), `${lines.slice(0, trials < 12 ? 1 + trials : lines.length).join('\n')}\n`)
}

/** A study of many made-up trials: the first ones of the fake study over and over, each a little other. For speed alone; no number of it means anything. */
export async function largeStudy(results: string, study: string, trials: number): Promise<void> {
  const lines = (await (made ??= fakeJournal())).map(parseLine)
  const some = lines.flatMap((l) => (l.type === 'trial' && l.trial.state === 'trained' ? [l.trial] : []))
  const random = rng('1', 'large')
  const many = Array.from({ length: trials }, (_, n): Line => {
    const like = random.pick(some)
    const size = 0.3 + 6 * random.next() * random.next()
    const costs = Object.entries(like.costs).map(([id, c]) => [
      id,
      {
        ...c,
        latencyMs: c.latencyMs * size,
        latencyLowMs: c.latencyLowMs * size,
        latencyHighMs: c.latencyHighMs * size,
        ramBytes: Math.round(c.ramBytes * size * (0.7 + 0.6 * random.next())),
        flashBytes: Math.round(c.flashBytes * (0.5 + size / 3)),
      },
    ])
    const score = Math.min(0.985, Math.max(0.2, 0.8 + 0.1 * Math.log2(size) + 0.06 * random.normal()))
    return {
      type: 'trial',
      trial: {
        ...like,
        n,
        score,
        macs: Math.round(like.macs * size),
        costs: Object.fromEntries(costs),
        graphHash: String(n),
        parents: [],
      },
      seconds: n,
    }
  })
  mkdirSync(join(results, study))
  writeFileSync(join(results, study, 'journal.jsonl'), [lines[0]!, ...many].map(formatLine).join(''))
}

export type Spawned = { readonly args: readonly string[]; readonly child: EventEmitter }

/** A server whose searches are only noted: each ends at once. */
export async function served(results: string, options: { study?: string; spawned?: Spawned[] } = {}): Promise<Ui> {
  const spawn = (args: readonly string[]): ChildProcess => {
    const child = Object.assign(new EventEmitter(), { stdout: new EventEmitter(), stderr: new EventEmitter(), kill: () => true })
    options.spawned?.push({ args, child })
    setImmediate(() => child.emit('close', 0, null))
    return child as unknown as ChildProcess
  }
  const ui = await serveUi({ results, port: 0, study: options.study, spawn })
  onTestFinished(() => ui.close())
  return ui
}
