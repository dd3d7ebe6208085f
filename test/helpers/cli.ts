import { vi } from 'vitest'

export type Ended = { readonly code: number; readonly out: string; readonly err: string }

/** The command line from its sources, in this process: what a person types, what they get on stdout and stderr, and the exit code. */
export async function cli(...args: readonly string[]): Promise<Ended> {
  const { argv, exitCode } = process
  let out = ''
  let err = ''
  const keep = (add: (text: string) => void) => (chunk: unknown) => {
    add(String(chunk))
    return true
  }
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(keep((text) => (out += text)))
  const left = [process.stdout, process.stderr].map((stream) => ({ stream, listeners: stream.listeners('error') }))
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(keep((text) => (err += text)))
  try {
    process.argv = [argv[0]!, 'tinyfront', ...args]
    process.exitCode = 0
    // main.ts runs when it is read
    vi.resetModules()
    await import('../../src/cli/main.ts')
    return { code: Number(process.exitCode ?? 0), out, err }
  } finally {
    stdout.mockRestore()
    stderr.mockRestore()
    // the command line listens for closed pipes as long as its process lives: here that is many of them
    for (const { stream, listeners } of left)
      for (const listener of stream.listeners('error') as (() => void)[])
        if (!listeners.includes(listener)) stream.off('error', listener)
    process.argv = argv
    process.exitCode = exitCode
  }
}
