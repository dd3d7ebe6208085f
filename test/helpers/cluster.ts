import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Coordinators and workers as processes of their own, from the build, to be killed.

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const slow = fileURLToPath(new URL('./slow-worker.mjs', import.meta.url))

export type Running = {
  readonly child: ChildProcess
  readonly name: string
  readonly out: () => string
  readonly err: () => string
  readonly ended: Promise<number | null>
  kill(signal?: NodeJS.Signals): Promise<number | null>
}

export function start(name: string, args: readonly string[], { env = {}, prefix = [] as readonly string[] } = {}): Running {
  const [command, ...rest] = [...prefix, process.execPath, ...args]
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  return {
    child,
    name,
    out: () => out,
    err: () => err,
    ended,
    kill(signal = 'SIGKILL') {
      child.kill(signal)
      return ended
    },
  }
}

/** The command line. */
export const cli = (args: readonly string[], options = {}): Running => start(args[0]!, [main, ...args], options)

/** A worker that only waits for as long as a training would take. */
export const slowWorker = (
  queue: string,
  machine: string,
  milliseconds: number,
  more: readonly string[] = [],
  options = {},
): Running => start(machine, [slow, queue, machine, String(milliseconds), ...more], options)

/** A journal without clocks, checksums and the header's date. */
export function history(results: string, study: string): string[] {
  return readFileSync(join(results, study, 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((line) => line.type !== 'header')
    .map(({ sum, seconds, ...line }) => JSON.stringify(line, (key, value) => (key === 'milliseconds' ? undefined : value)))
}

export const trialsIn = (results: string, study: string): number => {
  try {
    return readFileSync(join(results, study, 'journal.jsonl'), 'utf8')
      .split('\n')
      .filter((l) => l.includes('"type":"trial"')).length
  } catch {
    return 0
  }
}
