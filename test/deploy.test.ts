import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../src/util/package-root.ts'
import { parsed } from './helpers/parse-command.ts'

// What deploy/ starts is what the command line takes.

const read = (file: string): string => readFileSync(join(packageRoot, 'deploy', file), 'utf8')
/** What follows `tinyfront`. */
const commands: Readonly<Record<string, string[]>> = {
  Dockerfile: JSON.parse(/^CMD (.+)$/m.exec(read('Dockerfile'))![1]!),
  'compose.yaml': JSON.parse(/^ +command: (\["worker".+)$/m.exec(read('compose.yaml'))![1]!),
  // Kubernetes knows the name of the node
  'kubernetes/worker.yaml': JSON.parse(
    /^ +args: (.+)$/m.exec(read('kubernetes/worker.yaml'))![1]!.replace('$(NODE_NAME)', 'node-1.lan'),
  ),
  'tinyfront-worker.service': /^ExecStart=\S+\/tinyfront (.+)$/m.exec(read('tinyfront-worker.service'))![1]!.split(' '),
}

test.each(Object.entries(commands))('%s starts a worker with flags that it has', async (_file, words) => {
  const { name, options } = await parsed(['tinyfront', ...words])
  expect(name).toBe('worker')
  expect(options.json).toBe(true)
})

test('who is told to stop has longer than its time of grace before it is killed', async () => {
  const seconds = (file: string, pattern: RegExp) => Number(pattern.exec(read(file))![1])
  const killed = {
    'compose.yaml': seconds('compose.yaml', /stop_grace_period: (\d+)s/),
    'kubernetes/worker.yaml': seconds('kubernetes/worker.yaml', /terminationGracePeriodSeconds: (\d+)/),
    'tinyfront-worker.service': seconds('tinyfront-worker.service', /TimeoutStopSec=(\d+)/),
  }
  for (const [file, after] of Object.entries(killed))
    expect((await parsed(['tinyfront', ...commands[file]!])).options.graceSeconds).toBeLessThan(after)
})

const hasSystemd = ((): boolean => {
  try {
    execFileSync('systemd-analyze', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

test.runIf(hasSystemd)('systemd finds nothing wrong with the unit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-unit-'))
  const unit = join(folder, 'tinyfront-worker.service')
  // the program need not be installed here
  writeFileSync(unit, read('tinyfront-worker.service').replace(/=\S+\/tinyfront worker/, `=${process.execPath} worker`))
  expect(execFileSync('systemd-analyze', ['verify', unit], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })).toBe('')
  rmSync(folder, { recursive: true })
})
