import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli, type Ended } from './built.ts'

// What people try, a row each: what they type, the exit code, and what they must be told. Nothing may mislead silently, and nothing of theirs is a "bug".

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-people-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const results = ['--results', folder]
const data = ['--data', 'builtin:gestures?count=200']
const fake = ['search', ...data, '--engine', 'fake', '--trials', '12', '--quiet', ...results]

/** Exactly two lines for the person, and nothing on stdout. */
const twoLines = ({ err, out }: Ended) => {
  expect(err).toMatch(/^error .+\nmend {2}.+\n$/)
  expect(out).toBe('')
}

type Row = readonly [what: string, args: () => readonly string[], says: RegExp, code?: number]
/** Refusals: two lines and a code, usage where none is given. */
function refusals(rows: readonly Row[]): void {
  for (const [what, args, says, code = 2] of rows)
    test(what, async () => {
      const ended = await cli(args())
      twoLines(ended)
      expect(ended.err).toMatch(says)
      expect(ended.code).toBe(code)
    })
}

beforeAll(async () => {
  const made = await cli([...fake, '--study', 'energy', '--device', 'stm32l4r5', '--objectives', 'error,energy'])
  expect([made.code, made.err]).toEqual([0, expect.not.stringMatching(/^error/)])
})

describe('energy where no power figure is known', () => {
  const model = 'test/fixtures/tflm-golden/d2_dscnn.tflite'
  const bound = ['--max-energy', '1mJ']
  const without = /no power figure for rp2040[\s\S]*activePowerMw/
  refusals([
    ['search, a bound', () => [...fake, '--device', 'rp2040,stm32l4r5', ...bound], without],
    ['search, an objective', () => [...fake, '--device', 'rp2040', '--objectives', 'error,energy'], without],
    ['plan', () => ['plan', ...data, '--device', 'rp2040', ...bound, ...results], without],
    ['front, another board', () => ['front', 'energy', '--device', 'rp2040', ...results], without],
    ['compare', () => ['compare', 'energy', '--device', 'rp2040', ...bound, ...results], without],
    ['profile', () => ['profile', model, '--device', 'rp2040', ...bound], without],
  ])

  test('profile of all boards prices those with a figure, and says how many it left out', async () => {
    const { err, out, code } = await cli(['profile', model, ...bound])
    expect(code).toBe(0)
    expect(err).toMatch(/left out: \d+ boards without a power figure/)
    expect(out).toContain('stm32l4r5')
    expect(out).not.toContain('rp2040')
  })
})

describe('a device file of their own', () => {
  const base = JSON.parse(readFileSync('devices/stm32f446.json', 'utf8')) as Record<string, unknown>
  const board = (name: string, change: Record<string, unknown>) => {
    const file = join(folder, `${name}.json`)
    writeFileSync(file, JSON.stringify({ ...base, ...change }))
    return file
  }
  const model = 'test/fixtures/tflm-golden/d2_dscnn.tflite'
  const profile = async (file: string, ...more: string[]) => cli(['profile', model, '--device', file, ...more])

  refusals([
    [
      'a core that there is not',
      () => ['profile', model, '--device', board('m99', { core: 'cortex-m99' })],
      /core: "cortex-m99" is not known\nmend {2}did you mean "cortex-m/,
    ],
    [
      'a core like none',
      () => ['profile', model, '--device', board('z80', { core: 'zilog-z80' })],
      /"zilog-z80" is not known\nmend {2}choose one of cortex-m0, /,
    ],
    [
      'a feature that there is not',
      () => ['profile', model, '--device', board('f', { features: ['dspx'] })],
      /"dspx" is not known[\s\S]*did you mean "dsp"/,
    ],
  ])

  test('a Cortex-M4 without features is priced as one: it has the DSP instructions, and what is assumed is said', async () => {
    const latency = async (file: string) => JSON.parse((await profile(file, '--json')).out).targets[0].latencyMs
    const full = await latency(board('full', {}))
    const named = board('silent', { features: undefined })
    expect(await latency(named)).toBe(full)
    expect(await latency(board('empty', { features: [] }))).toBe(full)
    const { out } = await profile(named)
    expect(out).toMatch(/silent: its file names no features; taken: dsp, as every cortex-m4 has/)
    const m33 = await profile(board('m33', { core: 'cortex-m33', features: undefined }))
    expect(m33.out).toMatch(/m33: its file names no features; taken: none/)
    const plain = await profile(board('plain', {}))
    expect(plain.out).not.toMatch(/taken:/)
    const search = await cli([...fake.filter((a) => a !== '--quiet'), '--study', 'silent', '--device', named])
    expect(search.err).toMatch(/silent: its file names no features; taken: dsp/)
  })
})
