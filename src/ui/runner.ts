import type { ChildProcess } from 'node:child_process'
import type { StudyEvent } from '../run/record/events.ts'
import { writerOf } from '../store/lock.ts'
import { TinyfrontError, usageError } from '../util/errors.ts'

/** Starts `tinyfront` with these arguments, its stdout and stderr in pipes, apart from the terminal's Ctrl-C. */
export type Spawn = (args: readonly string[]) => ChildProcess

export type Listener = {
  event(event: StudyEvent): void
  /** `said`: the last two lines on stderr where it failed, else null. */
  ended(said: string | null): void
}

/** The searches that a person started from the page, each in a process of its own: the command line's own search, stopped as Ctrl-C stops it. */
export type Runner = {
  start(study: string, args: readonly string[], listener: Listener): Promise<void>
  /** Interrupts the writer of a study: the first time it finishes what runs, the second time that is dropped. */
  stop(folder: string): void
  /** Interrupts all that were started from here, and waits. */
  close(): Promise<void>
}

export function runner(spawn: Spawn, stopOwn?: () => void): Runner {
  const running = new Map<string, { readonly child: ChildProcess; readonly ended: Promise<void> }>()
  return {
    async start(study, args, listener) {
      if (running.has(study)) throw usageError(`${study} is being searched already`, 'stop it first')
      const child = spawn([...args, '--json', '--ignore-config'])
      let said = ''
      child.stderr?.on('data', (part) => {
        said = `${said}${part}`.slice(-4000)
      })
      eachLine(child, (text) => {
        const event = parsed(text)
        if (event) listener.event(event)
      })
      const ended = new Promise<void>((done) => {
        const end = (code: number | null, why = said) => {
          if (!running.delete(study)) return
          listener.ended(code === 0 || code === 130 ? null : lastLines(why))
          done()
        }
        child.once('error', (error) => end(1, error.message))
        child.once('close', (code, signal) => end(signal === 'SIGINT' ? 130 : code))
      })
      running.set(study, { child, ended })
    },
    stop(folder) {
      const writer = writerOf(folder)
      if (!writer) throw usageError('nothing runs', 'resume it')
      if (!writer.here) throw new TinyfrontError('store', `it runs on ${writer.host} (pid ${writer.pid})`, 'stop it there')
      if (writer.pid === process.pid && stopOwn) stopOwn()
      else process.kill(writer.pid, 'SIGINT')
    },
    async close() {
      for (const { child } of running.values()) child.kill('SIGINT')
      await Promise.all([...running.values()].map((r) => r.ended))
    },
  }
}

/** Whole lines of a child's stdout. */
function eachLine(child: ChildProcess, take: (text: string) => void): void {
  let rest = ''
  child.stdout?.on('data', (part) => {
    const lines = `${rest}${part}`.split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(take)
  })
}

function parsed(text: string): StudyEvent | undefined {
  try {
    return JSON.parse(text) as StudyEvent
  } catch {
    return undefined // the front that `search --json` may print at its end
  }
}

/** What the command line says is wrong and how to mend it, without colours. */
const lastLines = (said: string): string =>
  said
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what this removes
    .replace(/\u001b\[[0-9;]*m/g, '')
    .trim()
    .split('\n')
    .slice(-2)
    .join('\n')
