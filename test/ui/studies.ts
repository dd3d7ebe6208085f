import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { search } from '../../src/index.ts'
import { serveUi, type Ui } from '../../src/ui/server.ts'

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
