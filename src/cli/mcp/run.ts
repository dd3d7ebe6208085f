import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export type Ran = {
  readonly code: number
  /** What the command said on stderr: two lines where it failed. */
  readonly talk: string
  /** stdout: a document, or an event a line. */
  readonly out: string
}

export type RunPorts = { readonly cwd: string; readonly signal?: AbortSignal; readonly onLine?: (line: string) => void }

/**
 * Runs a command of this programme in a process of its own, so that its stdout is no part of the protocol. An abort is a Ctrl-C: what is finished
 * stays.
 */
export async function runCommand(args: readonly string[], { cwd, signal, onLine }: RunPorts): Promise<Ran> {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const interrupt = () => child.kill('SIGINT')
  signal?.addEventListener('abort', interrupt)
  const lines: string[] = []
  let talk = ''
  child.stderr.on('data', (chunk) => {
    talk += String(chunk)
  })
  const read = createInterface({ input: child.stdout })
  read.on('line', (line) => {
    lines.push(line)
    onLine?.(line)
  })
  try {
    const ended = new Promise<number>((done, failed) => child.on('close', (code) => done(code ?? 1)).on('error', failed))
    if (signal?.aborted) interrupt()
    return { code: await ended, talk: talk.trim(), out: lines.join('\n') }
  } finally {
    signal?.removeEventListener('abort', interrupt)
  }
}
