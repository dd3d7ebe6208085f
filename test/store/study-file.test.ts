import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Line } from '../../src/store/journal-lines.ts'
import { formatLine } from '../../src/store/journal-lines.ts'
import { createStudy, listStudies, notesOf, openStudy } from '../../src/store/study-file.ts'
import { configDiff, type StudyHeader } from '../../src/store/study-header.ts'
import { TinyfrontError } from '../../src/util/errors.ts'
import { header, resultsFolder, trial } from './study-fixture.ts'

async function stored(results: string, name: string, trials: number): Promise<string> {
  const study = await createStudy(results, header(name))
  for (let n = 0; n < trials; n++) await study.append({ type: 'trial', trial: trial(n), seconds: n })
  await study.close()
  return join(results, name, 'journal.jsonl')
}
const failure = async (action: Promise<unknown>): Promise<TinyfrontError> => {
  const error = await action.then(
    () => undefined,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(TinyfrontError)
  return error as TinyfrontError
}

test('what was appended is there again, in order, with its seconds', async () => {
  const results = resultsFolder()
  const lines: Line[] = [
    { type: 'trial', trial: trial(0), seconds: 1.5 },
    { type: 'trial', trial: trial(1) },
    { type: 'polish', polish: { trial: 1, int8: 0.9 } as { trial: number } },
    { type: 'polish', polish: { trial: 1, int8: 0.95 } as { trial: number } },
    { type: 'stop', stop: { reason: 'trials', trials: 2 } },
  ]
  const study = await createStudy(results, header('a'))
  await Promise.all(lines.map((line) => study.append(line)))
  await study.close()
  const again = await openStudy(results, 'a', 'read')
  expect(again.header).toEqual(header('a'))
  expect(again.lines).toEqual([{ type: 'header', header: header('a') }, ...lines])
  expect(again.trials).toEqual([trial(0), trial(1)])
  expect(notesOf(again, 'polish')).toEqual([{ trial: 1, int8: 0.95 }])
  expect(again.tornBytes).toBe(0)
  expect(listStudies(results)).toEqual(['a'])
  await expect(again.append(lines[0]!)).rejects.toThrow('opened for reading')
})

test('trials that leave a gap are refused', async () => {
  const study = await createStudy(resultsFolder(), header('a'))
  await expect(study.append({ type: 'trial', trial: trial(1) })).rejects.toThrow('trial 1 after 0 trials')
  await study.append({ type: 'trial', trial: trial(0) })
  await study.close()
})

describe('damage', () => {
  test('a torn tail is cut at every byte, reported, and the journal goes on', async () => {
    const results = resultsFolder()
    const file = await stored(results, 'a', 3)
    const whole = readFileSync(file)
    const lastLine = whole.lastIndexOf(10, whole.length - 2) + 1
    for (const cut of [1, 2, 20, whole.length - lastLine - 1]) {
      writeFileSync(file, whole)
      truncateSync(file, whole.length - cut)
      const reader = await openStudy(results, 'a', 'read')
      expect(reader.trials).toHaveLength(2)
      expect(reader.tornBytes).toBe(whole.length - lastLine - cut)
      expect(readFileSync(file)).toHaveLength(whole.length - cut) // readers change nothing
      const study = await openStudy(results, 'a', 'write')
      expect(study.tornBytes).toBe(whole.length - lastLine - cut)
      await study.append({ type: 'trial', trial: trial(2), seconds: 2 })
      await study.close()
      expect(readFileSync(file)).toEqual(whole)
    }
  })

  test('a damaged middle names its line, whatever the byte', async () => {
    const results = resultsFolder()
    const file = await stored(results, 'a', 3)
    const whole = readFileSync(file)
    const second = whole.indexOf(10) + 1
    for (const at of [second, second + 30, second + 200, whole.indexOf(10, second) - 2]) {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= 1
      writeFileSync(file, bytes)
      const error = await failure(openStudy(results, 'a', 'write'))
      expect(error.kind).toBe('store')
      expect(error.message).toContain(`${file}: line 2 is damaged`)
      expect(readFileSync(file)).toEqual(bytes)
    }
    writeFileSync(file, whole)
    await (await openStudy(results, 'a', 'write')).close() // errors let go of the lock
  })

  test('a removed line is noticed', async () => {
    const results = resultsFolder()
    const file = await stored(results, 'a', 3)
    const lines = readFileSync(file, 'utf8').split('\n')
    writeFileSync(file, [...lines.slice(0, 2), ...lines.slice(3)].join('\n'))
    expect((await failure(openStudy(results, 'a', 'read'))).message).toContain('line 3 is damaged: trial 2 where trial 1 is due')
  })

  test('lines of unknown kinds are kept, lines of later versions refused', async () => {
    const results = resultsFolder()
    const file = await stored(results, 'a', 1)
    appendFileSync(file, formatLine({ type: 'other', other: { v: 7, type: 'dream', dream: 1 } }))
    expect((await openStudy(results, 'a', 'read')).lines.at(-1)).toEqual({
      type: 'other',
      other: { v: 7, type: 'dream', dream: 1 },
    })
    appendFileSync(file, formatLine({ type: 'other', other: { v: 2, type: 'trial', trial: trial(1) } }))
    expect((await failure(openStudy(results, 'a', 'read'))).message).toContain(
      'line 4 is damaged: it was written by a later version',
    )
  })
})

describe('a full disk', () => {
  test.skipIf(process.platform !== 'linux')('says so in two lines and loses nothing (/dev/full)', async () => {
    const results = resultsFolder()
    const file = await stored(results, 'a', 2)
    const study = await openStudy(results, 'a', 'write')
    renameSync(file, `${file}.aside`)
    symlinkSync('/dev/full', file)
    const error = await failure(study.append({ type: 'trial', trial: trial(2) }))
    expect(error.message).toBe(`${file}: cannot be written: the disk is full`)
    expect(error.remedy).toContain('resume')
    unlinkSync(file)
    renameSync(`${file}.aside`, file)
    await study.append({ type: 'trial', trial: trial(2) })
    await study.close()
    expect((await openStudy(results, 'a', 'read')).trials).toHaveLength(3)
  })

  test.skipIf(process.platform === 'win32')('a line that fits only in part is taken back (ulimit -f)', async () => {
    const results = resultsFolder()
    const script = `
      import { createStudy } from '${new URL('../../src/store/study-file.ts', import.meta.url).pathname}'
      import { header, trial } from '${new URL('./study-values.ts', import.meta.url).pathname}'
      const study = await createStudy(process.argv[2], header('a'))
      try { for (let n = 0; ; n++) await study.append({ type: 'trial', trial: trial(n) }) }
      catch (error) { console.log(study.trials.length, error.message) }`
    const file = join(results, 'fill.mts')
    writeFileSync(file, script)
    const tsx = new URL('../../node_modules/.bin/tsx', import.meta.url).pathname
    const child = spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f 24; exec "${tsx}" "${file}" "${results}"`], {
      encoding: 'utf8',
    })
    const [count, ...message] = child.stdout.trim().split(' ')
    expect(message.join(' '), child.stderr).toContain('journal.jsonl: cannot be written: the disk is full')
    const study = await openStudy(results, 'a', 'write') // the dead child's lock is taken over
    expect(study.tornBytes).toBe(0)
    expect(study.trials).toHaveLength(Number(count))
    expect(Number(count)).toBeGreaterThan(10)
    await study.close()
  })
})

describe('the lock', () => {
  test('one writer, any readers; the next writer comes when it is done', async () => {
    const results = resultsFolder()
    await stored(results, 'a', 1)
    const writer = await openStudy(results, 'a', 'write')
    const error = await failure(openStudy(results, 'a', 'write'))
    expect(error.message).toContain(`another process writes this study (pid ${process.pid} on ${hostname()})`)
    await openStudy(results, 'a', 'read')
    await writer.close()
    await (await openStudy(results, 'a', 'write')).close()
  })

  const pretend = (results: string, owner: object) => writeFileSync(join(results, 'a', 'lock'), JSON.stringify(owner))
  test('of a process that is dead it is taken over, of one on another machine not', async () => {
    const results = resultsFolder()
    await stored(results, 'a', 1)
    const dead = Number(execFileSync('bash', ['-c', 'echo $$'], { encoding: 'utf8' }))
    pretend(results, { pid: dead, host: hostname(), start: '1', token: 't' })
    await (await openStudy(results, 'a', 'write')).close()
    pretend(results, { pid: dead, host: 'elsewhere', start: '1', token: 't' })
    const error = await failure(openStudy(results, 'a', 'write'))
    expect(error.remedy).toContain('remove the lock file')
  })

  test.skipIf(process.platform !== 'linux')('of a dead process whose number lives again it is taken over', async () => {
    const results = resultsFolder()
    await stored(results, 'a', 1)
    pretend(results, { pid: process.pid, host: hostname(), start: '1', token: 't' })
    await (await openStudy(results, 'a', 'write')).close()
  })
})

describe('names', () => {
  test('an existing study is refused, or put aside by fresh', async () => {
    const results = resultsFolder()
    await stored(results, 'a', 2)
    const error = await failure(createStudy(results, header('a')))
    expect(error.message).toContain('made as this one would be')
    expect(error.remedy).toContain('tinyfront resume a')
    const { config, data } = header('a')
    const other = { config: { ...config, seed: '7', trials: 999 }, data: { ...data, fingerprint: 'y' }, targets: [] }
    expect((await failure(createStudy(results, header('a', other), { limits: ['trials'] }))).message).toContain(
      'made otherwise: seed 42, now 7; the data have changed',
    )
    expect(error.remedy).toContain('--fresh')
    await (await createStudy(results, header('a'), { fresh: true })).close()
    expect((await openStudy(results, 'a', 'read')).trials).toHaveLength(0)
    expect((await openStudy(results, 'a~1', 'read')).trials).toHaveLength(2)
    expect(listStudies(results)).toEqual(['a'])
  })

  test('a name that is not there gets a suggestion, a bad one a rule', async () => {
    const results = resultsFolder()
    await stored(results, 'digits', 0)
    expect((await failure(openStudy(results, 'digit', 'read'))).remedy).toBe('did you mean "digits"?')
    expect((await failure(createStudy(results, header('../x')))).message).toContain('"../x" cannot name a study')
    expect(listStudies(join(results, 'none'))).toEqual([])
  })
})

test('configDiff lists what would change trials, and nothing else', () => {
  const a = header('a')
  const with_ = (change: Partial<StudyHeader>) => configDiff(a, header('a', change)).map((c) => c.path)
  expect(configDiff(a, header('b', { createdBy: 'tinyfront 9', config: { ...a.config, trials: 999 } }), ['trials'])).toEqual([])
  expect(configDiff(a, header('a', { config: { ...a.config, seed: '7' } }))).toEqual([
    { path: 'config.seed', before: '42', after: '7' },
  ])
  expect(with_({ space: { name: 'mcunet', stages: [{}] } })).toEqual(['space'])
  expect(with_({ wasmHash: 'x', data: { name: 'digits', fingerprint: 'y' } })).toEqual(['data.fingerprint', 'wasmHash'])
  const [t] = a.targets
  expect(with_({ targets: [{ ...t!, target: { id: 'nrf52840', ram: 2 } }] })).toEqual(['targets.nrf52840.target'])
  expect(with_({ targets: [] })).toEqual(['targets.nrf52840'])
})

test('a journal of version 1 stays readable', async () => {
  const results = resultsFolder()
  mkdirSync(join(results, 'old'))
  copyFileSync(new URL('../fixtures/journal-v1.jsonl', import.meta.url), join(results, 'old', 'journal.jsonl'))
  const study = await openStudy(results, 'old', 'read')
  expect(study.header).toMatchObject({ name: 'old', createdBy: 'tinyfront 0.1.0', config: { seed: '42' } })
  expect(study.trials.map((t) => [t.n, t.state, t.score])).toEqual([
    [0, 'trained', 0.1],
    [1, 'infeasible', null],
    [2, 'failed', null],
  ])
  expect(study.lines.map((l) => l.type)).toEqual([
    'header',
    'trial',
    'trial',
    'trial',
    'stop',
    'polish',
    'test',
    'verify',
    'other',
  ])
})
