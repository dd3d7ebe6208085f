import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { frontDocument } from '../../src/report/front-json.ts'
import { studyView } from '../../src/run/after/view.ts'
import { readStudy } from '../../src/run/record/open.ts'
import { rng } from '../../src/util/rng.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-resume-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const main = new URL('../../dist/cli/main.js', import.meta.url).pathname

const data = [
  '--data',
  'builtin:gestures?count=400',
  '--device',
  'stm32f446,esp32-s3',
  // so that trials from the fifth on begin with weights of earlier ones
  '--lag',
  '3',
  '--trials',
  '14',
  '--polish',
  '2',
  '--seed',
  '3',
]

/** The built command line in a process of its own; killed without warning after `killAfterMs`. */
function cli(args: readonly string[], killAfterMs?: number): Promise<number | null> {
  const child = spawn(process.execPath, [main, ...args, '--results', folder, '--quiet'], { stdio: 'ignore' })
  if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs).unref()
  return new Promise((done) => child.on('exit', (code) => done(code)))
}

/** The journal without clocks, checksums and the header's date. */
const history = (study: string): string[] =>
  readFileSync(join(folder, study, 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((line) => line.type !== 'header')
    .map(({ sum, seconds, ...line }) => JSON.stringify(line, (key, value) => (key === 'milliseconds' ? undefined : value)))

test('1, 2 and 4 workers write the same journal, polish and test included', async () => {
  for (const workers of ['1', '2', '4'])
    expect(await cli(['search', ...data, '--study', `w${workers}`, '--workers', workers])).toBe(0)
  expect(history('w1').some((line) => line.includes('"polish"'))).toBe(true)
  expect(history('w1').filter((line) => line.includes('"weightsFrom"')).length).toBeGreaterThan(1)
  expect(history('w2')).toEqual(history('w1'))
  expect(history('w4')).toEqual(history('w1'))
})

test('killed with kill -9 at ten random points and resumed: the same front', async () => {
  const random = rng('kill', 1)
  const delay = () => 1500 + random.int(5000)
  let code = await cli(['search', ...data, '--study', 'killed', '--workers', '2'], 3000 + delay())
  for (let kill = 1; kill < 10 && code !== 0; kill++) code = await cli(['resume', 'killed'], delay())
  if (code !== 0) expect(await cli(['resume', 'killed'])).toBe(0)
  const front = async (study: string) => ({ ...frontDocument(studyView(await readStudy(folder, study))), study: '' })
  expect(await front('killed')).toEqual(await front('w1'))
  expect(history('killed').filter((l) => !l.includes('"stop"'))).toEqual(history('w1').filter((l) => !l.includes('"stop"')))
})

test('resumed with twice the trials equals a run that began with twice the trials', async () => {
  expect(await cli(['resume', 'w2', '--trials', '28'])).toBe(0)
  expect(await cli(['search', ...data, '--trials', '28', '--study', 'twice', '--workers', '2'])).toBe(0)
  const front = async (study: string) => ({ ...frontDocument(studyView(await readStudy(folder, study))), study: '' })
  expect(await front('w2')).toEqual(await front('twice'))
})
