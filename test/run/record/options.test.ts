import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { importances } from '../../../src/quant/importance.ts'
import { commandOf } from '../../../src/run/after/command.ts'
import {
  askedLimits,
  askedStudy,
  completeLimits,
  completeStudy,
  fromStored,
  limitPart,
  studyPart,
  toStored,
} from '../../../src/run/record/asked.ts'
import { engineNames, limitOptions, type StudyConfig, type StudyLimits, studyOptions } from '../../../src/run/record/options.ts'
import { strategies, strategyNames } from '../../../src/search/strategies.ts'
import { objectiveNames } from '../../../src/search/trial.ts'
import type { Metric } from '../../../src/task/metric.ts'
import { cli } from '../../helpers/cli.ts'
import { parsed, wordsOf } from '../../helpers/parse-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-options-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// Any text that a shell can hand over.
const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((s) => !s.includes('\0') && !s.includes('\u0001'))
const board = fc.stringMatching(/^[A-Za-z0-9:._/ '"$-]{1,16}$/).filter((s) => s.trim() === s)
const bytes = fc.oneof(fc.integer({ min: 1, max: 2 ** 40 }), fc.double({ min: 0.5, max: 1e9, noNaN: true }))
const amount = fc.double({ min: 1e-9, max: 1e12, noNaN: true })
const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }).map(Math.abs)
const metric: fc.Arbitrary<Metric> = fc.oneof(
  fc.constantFrom('accuracy', 'balanced-accuracy', 'macro-f1', 'mae', 'rmse').map((kind) => ({ kind }) as const),
  fc.record({ kind: fc.constant('recall-at-fpr'), positive: fc.nat(99), rate: share } as const),
)
/** One arbitrary for every option: a new one does not compile until it is drawn here. */
const values: { readonly [K in keyof StudyConfig]-?: fc.Arbitrary<Exclude<StudyConfig[K], undefined>> } = {
  study: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  data: text.filter((s) => s.length > 0),
  label: text.filter((s) => s.length > 0),
  targets: fc.array(board, { minLength: 1, maxLength: 3 }),
  space: text,
  seed: text,
  strategy: fc.constantFrom(...strategyNames),
  objectives: fc.array(fc.constantFrom(...objectiveNames), { minLength: 1, maxLength: 4 }),
  metric,
  engine: fc.constantFrom(...engineNames),
  fastMath: fc.boolean(),
  teacher: text,
  lag: fc.nat(64),
  importance: fc.constantFrom(...importances),
  pruneRounds: fc.nat(10),
  dropout: share,
  int8Tolerance: fc.option(share),
  int4: fc.boolean(),
  maxLatencyMs: amount,
  maxRamBytes: bytes,
  maxFlashBytes: bytes,
  maxEnergyUj: amount,
  supply: fc
    .record({ volts: fc.integer({ min: 1, max: 99 }).map((v) => v / 10) })
    .chain((s) =>
      fc
        .constantFrom(undefined, 'ldo', 'smps', 'external-smps')
        .map((regulator) => (regulator ? { ...s, regulator: regulator as 'ldo' } : s)),
    ),
  batteryMwh: amount,
  perHour: amount,
  sleepMw: amount,
  wakeUj: amount,
  minBatteryDays: amount,
  reserveRamBytes: fc.oneof(bytes, fc.constant(0)),
  reserveFlashBytes: bytes,
  polish: fc.nat(64),
}
const limitValues: { readonly [K in keyof StudyLimits]-?: fc.Arbitrary<Exclude<StudyLimits[K], undefined>> } = {
  trials: fc.integer({ min: 1, max: 1e6 }),
  seconds: amount,
  workers: fc.integer({ min: 1, max: 256 }),
  memoryBytes: fc.oneof(bytes, fc.constant(0)),
}
const config = fc
  .record(values, { requiredKeys: ['data', 'targets'] })
  .chain((asked) =>
    fc.constantFrom('classification', 'regression').map((task) => completeStudy(askedStudy(asked), task as 'regression')),
  )
const limits = fc.record(limitValues, { requiredKeys: [] }).map((asked) => completeLimits(askedLimits(asked)))

describe('the command of a report', () => {
  test('read by a shell and by the command line, it asks for the same study', async () => {
    // one shell for all draws
    const drawn = fc.sample(fc.tuple(config, limits), 150)
    const words = wordsOf(drawn.map(([c, l]) => commandOf(c, l)))
    for (const [i, [c, l]] of drawn.entries()) {
      const { name, options } = await parsed(words[i]!)
      expect(name).toBe('search')
      for (const task of ['classification', 'regression'] as const)
        expect(completeStudy(askedStudy(studyPart(options)), task)).toEqual(c)
      expect(completeLimits(askedLimits(limitPart(options)))).toEqual(l)
    }
  })

  test('leaves out what is so anyway', () => {
    const plain = completeStudy({ data: 'builtin:gestures', targets: ['rp2040', 'esp32-s3'] }, 'regression')
    expect(commandOf(plain, completeLimits({ trials: 20, workers: 2 }))).toBe(
      'tinyfront search --study gestures --data builtin:gestures --device rp2040,esp32-s3 --metric mae --trials 20 --workers 2',
    )
  })
})

describe('a stored study', () => {
  test('reads back as it was written', () => {
    fc.assert(
      fc.property(config, limits, (c, l) => {
        expect(fromStored(JSON.parse(JSON.stringify(toStored(c, l))))).toEqual({ config: c, limits: l })
      }),
    )
  })

  test('of version 0.1.0 reads back, and would be written the same, key by key', () => {
    const stored =
      '{"study":"x","data":"builtin:gestures?count=400","targets":["stm32f446","rp2040"],"space":"auto","seed":"7","strategy":"evolution","objectives":["error","latency","ram","flash"],"metric":{"kind":"accuracy"},"engine":"wasm","fastMath":false,"teacher":"auto","lag":8,"importance":"gamma","pruneRounds":0,"dropout":0,"int8Tolerance":1,"int4":false,"polish":2,"trials":10,"seconds":null,"workers":2,"memoryBytes":0}'
    const { config, limits } = fromStored(JSON.parse(stored))
    expect(JSON.stringify(toStored(config, limits))).toBe(stored)
    expect(limits).toEqual({ trials: 10, workers: 2, memoryBytes: 0 })
  })

  test('of the first version has what its time had: no pruning in polish, no remedies for int8', () => {
    const whole = completeStudy({ data: 'x', targets: ['rp2040'] }, 'classification')
    const { importance, pruneRounds, dropout, int8Tolerance, int4, ...old } = toStored(
      whole,
      completeLimits({ trials: 1 }),
    ) as Record<string, unknown>
    expect([importance, pruneRounds, dropout, int8Tolerance, int4]).toEqual(['gamma', 0, 0, 1, false])
    expect(fromStored(old).config).toEqual({ ...whole, int8Tolerance: null })
  })
})

test('a key without a row does not compile', () => {
  const { lag, ...rows } = studyOptions
  // @ts-expect-error the row of lag is missing
  const table: typeof studyOptions = rows
  expect(table.lag).toBeUndefined()
  expect(lag.flag).toBe('--lag')
})

test('every flag stands once', () => {
  const flags = [...Object.values(studyOptions), ...Object.values(limitOptions)].map((row) => row.flag)
  expect(new Set(flags).size).toBe(flags.length)
})

test('what a person leaves out: two lines from the table', () => {
  expect(() => askedStudy({ targets: ['rp2040'] })).toThrow(/no data given/)
  expect(() => askedStudy({ data: 'x' })).toThrow(/no board given/)
  expect(() => askedStudy({ data: 'x', targets: ['rp2040'], sead: 1 })).toThrow(/unknown key sead/)
})

describe('what the command line offers', () => {
  const fake = ['--data', 'builtin:gestures?count=120', '--device', 'rp2040', '--engine', 'fake', '--trials', '10', '--quiet']
  const search = (study: string, ...more: string[]) => cli('search', ...fake, '--study', study, '--results', folder, ...more)
  const header = (study: string) => JSON.parse(readFileSync(join(folder, study, 'journal.jsonl'), 'utf8').split('\n')[0]!).header
  const trials = (study: string) =>
    readFileSync(join(folder, study, 'journal.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"type":"trial"'))
      .map((line) => JSON.parse(line).trial)

  test('every strategy of the table', async () => {
    for (const name of Object.keys(strategies))
      expect((await parsed(['tinyfront', 'search', '--strategy', name])).options.strategy).toBe(name)
    expect((await search('without-guess', '--strategy', 'nsga2')).code).toBe(0)
    expect(header('without-guess').config.strategy).toBe('nsga2')
  })

  test('--lag: trial n learns from trials 0 to n-lag-1', async () => {
    await search('behind', '--trials', '40', '--lag', '64')
    await search('close', '--trials', '40', '--lag', '0')
    const parents = (study: string) => trials(study).flatMap((t: { parents: number[] }) => t.parents)
    expect(parents('behind')).toEqual([])
    expect(parents('close').length).toBeGreaterThan(0)
  })

  test('--int8-tolerance off: no remedies, in the header and in the recipe', async () => {
    expect((await search('off', '--int8-tolerance', 'off')).code).toBe(0)
    expect(header('off').config.int8Tolerance).toBeNull()
    expect(header('off').plan.trial.recipe.int8Tolerance).toBeNull()
  })

  test('--fresh puts the old study aside and says so', async () => {
    await search('again')
    const before = readFileSync(join(folder, 'again', 'journal.jsonl'), 'utf8')
    expect((await search('again', '--fresh', '--seed', '5')).code).toBe(0)
    expect(readFileSync(join(folder, 'again~1', 'journal.jsonl'), 'utf8')).toBe(before)
    expect((await cli('search', '--help')).out).toMatch(/--fresh +start over: puts a study of this name aside/)
  })

  test('a regression without --metric is scored by its mean absolute error', async () => {
    const rows = Array.from({ length: 240 }, (_, t) => `${Math.sin(t / 3).toFixed(3)},${(t % 40).toFixed(1)}`)
    for (let r = 0; r < 12; r++) writeFileSync(join(folder, `r${r}.csv`), `x,label\n${rows.join('\n')}\n`)
    const manifest = join(folder, 'dataset.json')
    const window = { length: 64, hop: 32, label: 'label' }
    writeFileSync(manifest, JSON.stringify({ kind: 'series', task: 'regression', path: '.', window }))
    const { code, err } = await search('tone', '--data', manifest)
    expect([code, err]).toEqual([0, expect.any(String)])
    expect(header('tone').config.metric).toEqual({ kind: 'mae' })
    expect((await search('wrong', '--data', manifest, '--metric', 'accuracy')).err).toMatch(/metric accuracy does not suit/)
    expect(existsSync(join(folder, 'wrong'))).toBe(false)
  })

  test.each([
    ['--time', '20', /--time: duration "20" has no unit\nmend {2}write 20m or 20s/],
    ['--max-ram', '64', /--max-ram: size "64" has no unit\nmend {2}write 64kB or 64KiB/],
    ['--max-latency', '20', /--max-latency: latency "20" has no unit\nmend {2}write 20ms or 20us/],
    ['--strategy', 'nsga', /--strategy: strategy "nsga" is not known\nmend {2}did you mean "nsga2"/],
    ['--max-ram', '0B', /--max-ram: "0B" cannot be taken/],
    ['--prune-rounds', '11', /--prune-rounds: "11" is not a whole number from 0 to 10/],
  ])('%s %s is refused in two lines', async (flag, value, says) => {
    const { code, err } = await search('never', flag, value)
    expect(code).toBe(2)
    expect(err).toMatch(says)
    expect(err.trim().split('\n')).toHaveLength(2)
  })

  test('--help of search: data, boards, budget, time, then expert', async () => {
    const { out } = await cli('search', '--help')
    expect(out.match(/^[A-Z][a-z]+:$/gm)).toEqual(['Data:', 'Boards:', 'Budget:', 'Time:', 'Expert:', 'Options:'])
  })
})
