import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Debian's redis-server, for tests that need a real one; .ci/run installs it. */
export const hasRedis = ((): boolean => {
  try {
    execFileSync('redis-server', ['--version'])
    return true
  } catch {
    return false
  }
})()

export type TestRedis = {
  /** For `--queue`. */
  readonly url: string
  readonly folder: string
  readonly pid: () => number
  /** What `redis-cli` says. */
  readonly cli: (...args: string[]) => string
  /** Ends it (kill -9) and starts it again on what its files hold. */
  restart(options?: { readonly downMs?: number; readonly forget?: boolean }): Promise<void>
  stop(): void
}

/** A server of its own on a unix socket, or on a loopback port, in a folder of its own. */
export async function startRedis(more: readonly string[] = [], port = 0): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-redis-'))
  const socket = join(folder, 'redis.sock')
  const where = ['--dir', folder, '--unixsocket', socket, '--bind', '127.0.0.1', '--port', String(port)]
  const kept = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always']
  const cli = (...args: string[]) => execFileSync('redis-cli', ['-s', socket, ...args], { encoding: 'utf8' }).trim()
  let server: ChildProcess
  async function begin(): Promise<void> {
    server = spawn('redis-server', [...where, ...kept, ...more], { stdio: 'ignore' })
    for (let i = 0; i < 100; i++) {
      await pause(50)
      try {
        if (cli('ping') === 'PONG' || more.includes('--aclfile')) return
      } catch {
        // not yet
      }
    }
    throw new Error('redis-server did not start')
  }
  await begin()
  return {
    url: `unix://${socket}`,
    folder,
    pid: () => server.pid!,
    cli,
    async restart({ downMs = 0, forget = false } = {}) {
      const ended = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGKILL')
      await ended
      if (forget) rmSync(join(folder, 'appendonlydir'), { recursive: true, force: true })
      await pause(downMs)
      await begin()
    },
    stop() {
      server.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
