import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { commandTable } from '../../src/cli/commands.ts'
import { projectJsonSchema } from '../../src/cli/option-schema.ts'
import { projectOptions } from '../../src/cli/options.ts'
import { inProject } from '../../src/cli/project/apply.ts'
import { openProject } from '../../src/cli/project/find.ts'
import { readProject, type Values } from '../../src/cli/project/read.ts'
import { defineConfig } from '../../src/index.ts'
import { TinyfrontError } from '../../src/util/errors.ts'
import { packageRoot } from '../../src/util/package-root.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-project-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A folder with this project file; returns its path. */
function place(name: string, text: string): string {
  const here = mkdtempSync(join(folder, 'p-'))
  writeFileSync(join(here, name), text)
  return here
}
const json = (project: unknown): string => place('tinyfront.config.json', JSON.stringify(project))

async function refusal(attempt: () => unknown): Promise<string> {
  try {
    await attempt()
  } catch (error) {
    if (error instanceof TinyfrontError) return `${error.message} | ${error.remedy}`
    throw error
  }
  return 'nothing'
}

const rowOf = (name: string) => commandTable.find((row) => row.name === name)!
const told = async (command: string, here: string, values: Values = {}, args: readonly string[] = []) =>
  inProject(rowOf(command), { args, values }, here)

/** A value of every option, as the library takes it. */
const everything = {
  study: 'all',
  data: './photos',
  label: 'kind',
  targets: ['rp2040', 'esp32-s3'],
  space: 'auto',
  seed: '7',
  strategy: 'random',
  objectives: ['error', 'ram'],
  metric: { kind: 'macro-f1' },
  engine: 'fake',
  fastMath: true,
  teacher: 'none',
  lag: 4,
  importance: 'l1',
  pruneRounds: 2,
  dropout: 0.2,
  int8Tolerance: null,
  int4: true,
  maxLatencyMs: 20,
  maxRamBytes: 65536,
  maxFlashBytes: 1e6,
  maxEnergyUj: 500,
  reserveRamBytes: 0,
  reserveFlashBytes: 1024,
  polish: 3,
  trials: 30,
  seconds: 1200,
  workers: 2,
  memoryBytes: 0,
  kernels: 'wasm',
  results: 'out',
  format: 'c',
  supply: { volts: 3, regulator: 'smps' },
  wakeUj: 12,
  minBatteryDays: 90,
  batteryMwh: 675,
  perHour: 60,
  sleepMw: 0.02,
  price: [['rp2040', 0.8]],
  queue: 'redis://127.0.0.1:6379',
  blobs: '/mnt/blobs',
  audit: 0.02,
  leaseSeconds: 10,
} as const satisfies Record<keyof typeof projectOptions, unknown>

test('every option may stand in the file, as its type and as it is typed, and both mean the same', () => {
  const typed = readProject(everything, 'f').shared
  expect(typed).toEqual(everything)
  const texts = Object.fromEntries(
    Object.entries(projectOptions).map(([key, row]) => {
      const value = everything[key as keyof typeof everything]
      return [key, row.value === null ? value : (row.write as (value: unknown) => string)(value)]
    }),
  )
  expect(readProject(texts, 'f').shared).toEqual(everything)
})

describe('what is wrong is said with file, key and remedy', () => {
  test.each<[string, unknown, RegExp]>([
    ['a flag for a key', { device: 'rp2040' }, /^f: unknown key device \| did you mean "targets"\?/],
    ['a flag with dashes', { 'max-ram': '64kB' }, /unknown key max-ram \| did you mean "maxRamBytes"\?/],
    ['what others call it', { board: 'rp2040' }, /did you mean "targets"\?/],
    ['another flag', { time: '20m' }, /did you mean "seconds"\?/],
    ['a slip', { trails: 30 }, /did you mean "trials"\?/],
    ['nothing like it', { colour: 'red' }, /unknown key colour \| remove it/],
    ['in a study', { studies: { a: { polsih: 2 } } }, /^f: unknown key studies\.a\.polsih \| did you mean "polish"\?/],
    ['a place for one of the studies', { studies: { a: { results: 'x' } } }, /unknown key studies\.a\.results/],
    ['two names', { study: 'a', studies: { b: {} } }, /^f: study: its studies have names already/],
    ['a name that is none', { studies: { 'a b': {} } }, /^f: studies: letters, digits/],
    ['a number without its unit', { maxRamBytes: '64' }, /^f: maxRamBytes: size "64" has no unit \| write 64kB or 64KiB/],
    [
      'a name that is not known',
      { strategy: 'evolutoin' },
      /^f: strategy: strategy "evolutoin" is not known \| did you mean "evolution"/,
    ],
    ['another type', { trials: [3] }, /^f: trials: .*expected number.* \| write the type of this option, or a text/],
    ['a text for a switch', { fastMath: 'yes' }, /^f: fastMath: .*expected boolean.* \| write true or false/],
    ['a bound below', { trials: 0 }, /^f: trials: /],
    ['a list', ['rp2040'], /^f: not an object/],
    ['studies in a list', { studies: ['a'] }, /^f: studies: not an object/],
  ])('%s', async (_what, held, says) => {
    expect(await refusal(() => readProject(held, 'f'))).toMatch(says)
  })

  test('files that cannot be read', async () => {
    expect(await refusal(() => openProject(place('tinyfront.config.json', '{ "data": }')))).toMatch(/not valid JSON/)
    expect(await refusal(() => openProject(place('tinyfront.config.js', 'export const a = 1')))).toMatch(
      /exports nothing by default/,
    )
    expect(await refusal(() => openProject(place('tinyfront.config.js', 'throw new Error("mine")')))).toMatch(
      /cannot be loaded: mine/,
    )
    const two = json({})
    cpSync(join(two, 'tinyfront.config.json'), join(two, 'tinyfront.config.js'))
    expect(await refusal(() => openProject(two))).toMatch(/two project files: .* \| keep one/)
    expect(await openProject(mkdtempSync(join(folder, 'none-')))).toBeUndefined()
  })
})

describe('who reads what', () => {
  const one = json({ data: './photos', targets: 'rp2040', maxRamBytes: '64kB', seconds: '20m', results: 'out', perHour: 60 })
  const two = json({
    data: './photos',
    trials: 9,
    studies: { small: { targets: 'rp2040' }, fast: { targets: 'esp32-s3', trials: 12 } },
  })

  test('search: everything, flags above it', async () => {
    const { values } = await told('search', one, { maxRamBytes: 1000 })
    expect(values).toEqual({
      data: './photos',
      targets: ['rp2040'],
      maxRamBytes: 1000,
      seconds: 1200,
      results: 'out',
      perHour: 60,
    })
    expect((await told('search', one, { ignoreConfig: true })).values).toEqual({ ignoreConfig: true })
  })

  test('of several studies the one that is named, with what all have', async () => {
    expect((await told('plan', two, { study: 'fast' })).values).toEqual({
      study: 'fast',
      data: './photos',
      targets: ['esp32-s3'],
      trials: 12,
    })
    expect((await told('search', two, { study: 'small' })).values).toMatchObject({ study: 'small', trials: 9 })
    expect(await refusal(() => told('search', two))).toMatch(/several studies: small, fast \| name one: --study small/)
    expect(await refusal(() => told('search', two, { study: 'smal' }))).toMatch(/no study "smal" \| did you mean "small"/)
    expect(await refusal(() => told('front', two))).toMatch(/several studies: small, fast/)
  })

  test('a study that exists keeps its own boards and bounds; its name and place come from the file', async () => {
    expect(await told('front', one)).toEqual({ args: ['photos'], values: { results: 'out' } })
    expect(await told('show', one)).toEqual({ args: ['photos'], values: { results: 'out' } })
    expect((await told('resume', two, {}, ['fast'])).values).toEqual({ trials: 12 })
    expect((await told('resume', two, {}, ['other'])).values).toEqual({ trials: 9 })
  })

  test('boards and bounds for what is priced without a study; data for who looks at them', async () => {
    expect((await told('profile', one, {}, ['m.tflite'])).values).toMatchObject({ targets: ['rp2040'] })
    expect((await told('data inspect', one)).args).toEqual(['./photos'])
    expect(await told('data inspect', one, {}, ['other'])).toEqual({ args: ['other'], values: { results: 'out' } })
    // what looks at data takes no study from the file, and no data where a study is named that knows its own
    expect(await told('data view', one)).toEqual({ args: ['./photos'], values: { results: 'out' } })
    expect(await told('data view', one, { study: 'other' })).toEqual({ args: [], values: { results: 'out', study: 'other' } })
    expect((await told('scorecard', one)).values).toEqual({})
  })

  test('what is about all studies asks for none, and takes one by its folder', async () => {
    const bare = mkdtempSync(join(folder, 'bare-'))
    expect((await told('ui', bare)).args).toEqual([])
    expect(await told('ui', bare, {}, ['elsewhere/demo'])).toEqual({ args: ['demo'], values: { results: 'elsewhere' } })
  })

  test('without a project, a study that nobody named is asked for', async () => {
    const bare = mkdtempSync(join(folder, 'bare-'))
    const results = join(bare, 'results')
    expect(await refusal(() => told('front', bare, { results }))).toMatch(/front: no study named \| start one/)
    for (const name of ['a', 'b']) {
      mkdirSync(join(results, name), { recursive: true })
      writeFileSync(join(results, name, 'journal.jsonl'), '')
    }
    expect(await refusal(() => told('front', bare, { results }))).toMatch(/name one: tinyfront front a \(there are a, b\)/)
    expect(await refusal(() => told('data inspect', bare))).toMatch(/no path given \| tinyfront data inspect PATH/)
  })
})

test('defineConfig knows the options and their values', () => {
  // @ts-expect-error there is no such option
  defineConfig({ device: 'rp2040' })
  // @ts-expect-error a strategy that there is not
  defineConfig({ strategy: 'evolutoin' })
  // @ts-expect-error a study is named by its key
  defineConfig({ studies: { a: { study: 'b' } } })
  expect(defineConfig({ maxRamBytes: '64kB', targets: ['rp2040'], int8Tolerance: 'off' })).toHaveProperty('targets')
})

test('docs/project.schema.json is the schema of the tables (vitest -u writes it)', async () => {
  await expect(`${JSON.stringify(projectJsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../../docs/project.schema.json')
})

test('the examples of docs/project-file.md are project files', async () => {
  const page = readFileSync(join(packageRoot, 'docs/project-file.md'), 'utf8')
  const examples = [...page.matchAll(/```(ts|json)\n([\s\S]*?)```/g)]
  expect(examples.map(([, kind]) => kind)).toEqual(['json', 'ts'])
  for (const [, kind, code] of examples) {
    const here = place(
      `tinyfront.config.${kind}`,
      code!.replace("'tinyfront'", `'${new URL('../../src/index.ts', import.meta.url).href}'`),
    )
    const { values } = await told('search', here, kind === 'ts' ? { study: 'fast' } : {})
    expect(values).toMatchObject({ data: './photos', seconds: 1200 })
  }
})
