import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

/** Runs the built command line as a person would; `during` may watch and signal it. */
export function cli(
  args: readonly string[],
  options: {
    cwd?: string
    env?: NodeJS.ProcessEnv
    uid?: number | undefined
    during?: (child: ReturnType<typeof spawn>) => void
  } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    env: { ...process.env, ...options.env },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  options.during?.(child)
  return new Promise((done) => child.on('close', (code) => done({ code, out, err })))
}
