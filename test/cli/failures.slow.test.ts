import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli, type Ended, main } from './built.ts'

// Whatever a person can do wrong: two lines that say what and how to mend it, the documented exit code, nothing lost.

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-failures-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const results = ['--results', folder]
const fake = ['--data', 'builtin:gestures?count=200', '--device', 'stm32f446', '--engine', 'fake', ...results]

const twoLines = ({ err, out }: Ended) => {
  expect(err.trim().split('\n')).toHaveLength(2)
  expect(err).toMatch(/^error .+\nmend {2}.+\n$/)
  expect(out).toBe('')
}

beforeAll(async () => {
  expect((await cli(['search', ...fake, '--study', 'good', '--trials', '12', '--quiet'])).code).toBe(0)
})

describe('usage', () => {
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  test.each<[string, () => string[], RegExp]>([
    ['a folder that is not there', () => ['search', '--data', '/nowhere', '--device', 'rp2040'], /\/nowhere: no such file/],
    ['an unknown board', () => ['search', ...fake, '--device', 'stm32f44'], /stm32f44[\s\S]*did you mean "?stm32f446/],
    ['an unknown option', () => ['search', '--dvice', 'x'], /--dvice/],
    ['a time without sense', () => ['search', ...fake, '--time', 'soon'], /soon/],
    ['a study that exists', () => ['search', ...fake, '--study', 'good'], /good[\s\S]*resume good[\s\S]*--fresh/],
    ['a study that does not', () => ['front', 'goood', ...results], /goood[\s\S]*did you mean "?good/],
    [
      'a misspelt key',
      () => ['search', '--data', file('d.json', '{"kind":"series","widnow":{}}'), '--device', 'rp2040'],
      /widnow/,
    ],
    ['JSON that is none', () => ['search', '--data', file('e.json', '{"kind":'), '--device', 'rp2040'], /e\.json/],
    ['a model that is none', () => ['profile', file('m.tflite', 'not a model')], /m\.tflite/],
  ])('%s', async (_what, args, says) => {
    const ended = await cli(args())
    twoLines(ended)
    expect(ended.err).toMatch(says)
    expect(ended.code).toBe(2)
  })
})

test('nothing fits: exit code 3, the nearest miss and what it would take', async () => {
  const ended = await cli(['search', ...fake, '--study', 'tiny', '--max-ram', '1kB', '--trials', '4', '--quiet'])
  twoLines(ended)
  expect(ended.code).toBe(3)
  expect(ended.err).toMatch(/kB/)
})

describe('a damaged journal', () => {
  const copy = (name: string) => {
    cpSync(join(folder, 'good'), join(folder, name), { recursive: true })
    return join(folder, name, 'journal.jsonl')
  }

  test('cut in its last line: resume goes on to the same front', async () => {
    const file = copy('torn')
    const whole = readFileSync(file)
    truncateSync(file, Math.floor(whole.length * 0.7))
    expect((await cli(['resume', 'torn', '--quiet', ...results])).code).toBe(0)
    const front = async (study: string) => {
      const { targets } = JSON.parse((await cli(['front', study, '--json', ...results])).out)
      return targets
    }
    expect(await front('torn')).toEqual(await front('good'))
  })

  test('garbled in the middle: exit code 5 names the line, and the file is not touched', async () => {
    const file = copy('garbled')
    const lines = readFileSync(file, 'utf8').split('\n')
    lines[4] = lines[4]!.replace('"state"', '"stale"')
    writeFileSync(file, lines.join('\n'))
    const before = readFileSync(file)
    const ended = await cli(['resume', 'garbled', ...results])
    twoLines(ended)
    expect(ended.code).toBe(5)
    expect(ended.err).toMatch(/line 5/)
    expect(readFileSync(file)).toEqual(before)
  })

  test('held by another process: exit code 5', async () => {
    const endless = ['search', ...fake, '--study', 'held', '--trials', '1000000', '--quiet']
    const child = spawn(process.execPath, [main, ...endless], { stdio: 'ignore' })
    try {
      let ended: Ended
      do ended = await cli(['resume', 'held', ...results])
      while (ended.code === 2) // not begun yet
      twoLines(ended)
      expect(ended.code).toBe(5)
    } finally {
      child.kill('SIGKILL')
    }
  })
})

describe('Ctrl-C', () => {
  const search = (study: string) => [
    'search',
    '--data',
    'builtin:gestures?count=300',
    '--device',
    'stm32f446',
    '--study',
    study,
    '--trials',
    '300',
    ...results,
  ]

  test('once, in a terminal: what runs is finished, the front printed, exit code 130; resume goes on', async () => {
    if (spawnSync('script', ['--version']).status !== 0)
      return console.warn('skipped: `script` (util-linux) is not here to make a terminal')
    const command = [process.execPath, main, ...search('stopped')].map((a) => `'${a}'`).join(' ')
    const terminal = spawn('script', ['-qec', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, CI: '' }, // a person's terminal: bars, not the lines of a build log
    })
    let out = ''
    let told = false
    terminal.stdout.on('data', (chunk) => {
      out += chunk
      if (told || !/[3-9]\/300/.test(out)) return
      told = true
      terminal.stdin.write('\x03')
    })
    const code = await new Promise((done) => terminal.on('close', done))
    expect(code).toBe(130)
    expect(out).toMatch(/finishing what runs/)
    expect(out).toMatch(/STM32F446/)
    const { trials } = JSON.parse((await cli(['front', 'stopped', '--json', ...results])).out)
    expect(trials.trained).toBeGreaterThanOrEqual(3)
    const again = await cli(['resume', 'stopped', '--trials', String(trials.trained + 2), '--quiet', ...results])
    expect(again.code).toBe(0)
  })

  test('twice: what runs is dropped within a second, what was stored stays', async () => {
    let second = 0
    const ended = await cli([...search('dropped'), '--json'], {
      during: (child) => {
        let seen = 0
        child.stdout!.on('data', (chunk) => {
          seen += String(chunk).split('"type":"trial:end"').length - 1
          if (seen < 3 || second > 0) return
          second = performance.now()
          child.kill('SIGINT')
          setTimeout(() => child.kill('SIGINT'), 20)
        })
      },
    })
    expect(performance.now() - second).toBeLessThan(3000) // a second for the workers, the rest for a busy machine
    expect(ended.code).toBe(130)
    expect((await cli(['front', 'dropped', '--json', ...results])).code).toBe(0)
  })
})

test('a full disk: exit code 5, what was stored can be read and gone on with', async () => {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    return console.warn('skipped: no right to mount a small disk')
  }
  try {
    const study = [
      '--data',
      'builtin:gestures?count=200',
      '--device',
      'stm32f446',
      '--engine',
      'fake',
      '--study',
      'full',
      '--results',
      disk,
    ]
    const ended = await cli(['search', ...study, '--trials', '3000', '--quiet'])
    twoLines(ended)
    expect(ended.code).toBe(5)
    expect(ended.err).toMatch(/ENOSPC|no space|full/i)
    execFileSync('mount', ['-o', 'remount,size=8m', disk])
    const stored = readFileSync(join(disk, 'full', 'journal.jsonl'), 'utf8').split('"type":"trial"').length - 1
    expect(stored).toBeGreaterThan(10)
    expect((await cli(['resume', 'full', '--trials', String(stored + 10), '--quiet', '--results', disk])).code).toBe(0)
  } finally {
    execFileSync('umount', [disk])
  }
})

test('NO_COLOR, and a pipe, leave no escape codes', async () => {
  const { out } = await cli(['front', 'good', ...results], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })
  expect(out).not.toContain('\x1b')
  expect(out.length).toBeGreaterThan(100)
})

test('--debug adds the stack', async () => {
  const ended = await cli(['front', 'nope', '--debug', ...results])
  expect(ended.err).toMatch(/\n\s+at /)
})

test('a closed pipe ends quietly, and a search whose reader went away goes on to its end', () => {
  const piped = (command: string) =>
    spawnSync('bash', ['-c', `set -o pipefail; ${command} | head -1`], {
      encoding: 'utf8',
      env: { ...process.env, NODE: process.execPath, MAIN: main },
    })
  const search = piped(
    `"$NODE" "$MAIN" search --data 'builtin:gestures?count=200' --device stm32f446 --engine fake --study piped --trials 12 --results '${folder}' --json`,
  )
  expect(search.stderr).not.toMatch(/EPIPE|at .*\.js/)
  expect(search.status).toBe(0)
  const journal = readFileSync(join(folder, 'piped', 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
  expect(journal.filter((line) => JSON.parse(line).type === 'trial')).toHaveLength(12)
  const front = piped(`"$NODE" "$MAIN" front piped --results '${folder}'; "$NODE" "$MAIN" list devices`)
  expect(front.stderr).toBe('')
})
