import { execFileSync, type spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pngBytes } from '../data/make.ts'
import { cli, type Ended } from './built.ts'

// What people try, a row each: what they type, the exit code, and what they must be told. Nothing may mislead silently, and nothing of theirs is a "bug".

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-people-'))
chmodSync(folder, 0o755)
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const results = ['--results', folder]
const data = ['--data', 'builtin:gestures?count=200']
const fake = ['search', ...data, '--engine', 'fake', '--trials', '12', '--quiet', ...results]

/** Exactly two lines for the person, and nothing on stdout. */
const twoLines = ({ err, out }: Ended) => {
  expect(err).toMatch(/^error .+\nmend {2}.+\n$/)
  expect(out).toBe('')
}

/** Nothing is forbidden to root: then the command runs as nobody. */
const uid = process.getuid?.() === 0 ? 65534 : undefined

type Row = readonly [what: string, args: () => readonly string[], says: RegExp, code?: number]
/** Refusals: two lines and a code, usage where none is given. */
function refusals(rows: readonly Row[], as?: number): void {
  for (const [what, args, says, code = 2] of rows)
    test(what, async () => {
      const ended = await cli(args(), { uid: as })
      twoLines(ended)
      expect(ended.err).toMatch(says)
      expect(ended.code).toBe(code)
    })
}

beforeAll(async () => {
  const real = ['search', ...data, '--study', 'real', '--device', 'stm32l4r5', '--max-ram', '8kB', ...results, '--quiet']
  expect((await cli([...real, '--trials', '1', '--polish', '0', '--teacher', 'none'])).code).toBe(0)
  expect((await cli([...fake, '--study', 'fake', '--device', 'stm32l4r5'])).code).toBe(0)
  const other = fake.map((a) => (a === data[1] ? 'builtin:gestures?count=150' : a))
  expect((await cli([...other, '--study', 'other', '--device', 'stm32l4r5'])).code).toBe(0)
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

describe('files and folders that are not what they should be', () => {
  const file = join(folder, 'a-file')
  const place = join(folder, 'a-folder.json')
  const model = join(folder, 'a-folder.tflite')
  const closed = join(folder, 'closed')
  writeFileSync(file, 'text')
  for (const made of [place, model, closed]) mkdirSync(made)
  chmodSync(closed, 0)
  const inFile = ['--results', file]
  const notFolder = /a-file: a file, and no folder of studies\nmend {2}name a folder with --results/
  const search = ['search', ...data, '--engine', 'fake', '--device', 'rp2040', '--trials', '2', '--quiet']

  describe('a file for a folder, a folder for a file', () =>
    refusals([
      ['search --results FILE', () => [...search, ...inFile], notFolder],
      ['list studies --results FILE', () => ['list', 'studies', ...inFile], notFolder],
      ['front --results FILE', () => ['front', 'x', ...inFile], notFolder],
      ['resume --results FILE', () => ['resume', 'x', ...inFile], notFolder],
      [
        'export --out FILE',
        () => ['export', 'real', ...results, '--out', file],
        /a-file.*cannot be written: a file stands where a folder/,
      ],
      ['calibrate --emit FILE', () => ['calibrate', '--emit', file], /a-file.*cannot be written: a file stands where a folder/],
      ['search --data FOLDER.json', () => [...search, ...results, '--data', place], /a-folder\.json/],
      [
        '--device FOLDER.json',
        () => [...search, ...results, '--device', place],
        /a-folder\.json: cannot be read: it is a folder/,
      ],
      ['--space FOLDER.json', () => [...search, ...results, '--space', place], /a-folder\.json: cannot be read: it is a folder/],
      ['profile FOLDER.tflite', () => ['profile', model], /a-folder\.tflite: cannot be read: it is a folder/],
      ['verify FOLDER.tflite', () => ['verify', model], /a-folder\.tflite: cannot be read: it is a folder/],
      ['calibrate FOLDER', () => ['calibrate', place, '--device', 'rp2040'], /a-folder\.json: cannot be read: it is a folder/],
    ]))

  refusals([['export of a study without weights', () => ['export', 'energy', ...results], /--engine fake: nothing was trained/]])

  describe('no permission', () =>
    refusals(
      [
        [
          'search into a folder of others',
          () => [...search, ...results],
          /cannot be written: no permission\nmend {2}.*--results/,
        ],
        ['resume there', () => ['resume', 'energy', ...results], /cannot be written: no permission/],
        [
          'export --out there',
          () => ['export', 'real', ...results, '--out', join(closed, 'x')],
          /cannot be written: no permission/,
        ],
        [
          'data that cannot be read',
          () => [...search, '--results', join(folder, 'own'), '--data', closed],
          /closed.*no permission/,
        ],
        ['inspect of it', () => ['data', 'inspect', closed, '--results', join(folder, 'own')], /closed.*no permission/],
      ],
      uid,
    ))

  test('a disk that is read-only, and one that is full: two lines', async () => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', disk], { stdio: 'ignore' })
    } catch {
      return console.warn('skipped: no right to mount a small disk')
    }
    try {
      const out = ['export', 'real', ...results, '--out', join(disk, 'x')]
      const full = await cli(out)
      twoLines(full)
      expect([full.code, full.err]).toEqual([
        2,
        expect.stringMatching(/cannot be written: the disk is full\nmend {2}free some space/),
      ])
      execFileSync('mount', ['-o', 'remount,ro', disk])
      for (const args of [
        [...out, '--out', join(disk, 'y', 'z')],
        [...search, '--results', disk],
      ]) {
        const ended = await cli(args)
        twoLines(ended)
        expect([ended.code, ended.err]).toEqual([2, expect.stringMatching(/the disk is read-only/)])
      }
    } finally {
      execFileSync('umount', [disk])
    }
  })
})

describe('--engine tensorflow where it is not installed', () => {
  const absent = !existsSync('node_modules/@tensorflow/tfjs-node') && !existsSync('node_modules/.tensorflow')
  if (absent)
    refusals([
      [
        'exit code 4, and the command that installs it',
        () => ['search', ...data, '--device', 'rp2040', '--engine', 'tensorflow', ...results, '--study', 'tf'],
        /tfjs-node is not installed[\s\S]*run setup:tensorflow/,
        4,
      ],
    ])
  else test.skip('TensorFlow is here')
})

describe('an interruption', () => {
  const long = ['search', '--data', 'builtin:gestures?count=300', '--device', 'stm32f446', '--trials', '300', ...results]
  const lastLine = ({ err }: Ended) => err.trimEnd().split('\n').at(-1)
  const stopAt =
    (pattern: RegExp, times = 1) =>
    (child: ReturnType<typeof spawn>) => {
      let seen = ''
      let told = false
      child.stderr!.on('data', (chunk) => {
        seen += String(chunk)
        if (told || !pattern.test(seen)) return
        told = true
        child.kill('SIGINT')
        if (times > 1) setTimeout(() => child.kill('SIGINT'), 50)
      })
    }

  test.each([
    ['once, before the first trial', 'early', 1],
    ['twice, before the first trial', 'twice', 2],
  ])('%s: it says so, and how to go on; resume does', async (_what, study, times) => {
    const ended = await cli([...long, '--study', study], { during: stopAt(/teacher: .* in training/, times) })
    expect(ended.code).toBe(130)
    expect(ended.err + ended.out).not.toMatch(/no trained network fits/)
    expect(ended.out).toBe('')
    if (times === 1) expect(ended.err).toMatch(/interrupted before the first network was trained|trial 0: trained/)
    expect(lastLine(ended)).toBe(`go on: tinyfront resume ${study} --results ${folder}`)
  })

  test('after some trials: the front, then how to go on; a resumed study shows what it has', async () => {
    const ended = await cli([...long, '--study', 'later'], { during: stopAt(/trial 2: trained/) })
    expect(ended.code).toBe(130)
    expect(ended.out).toMatch(/STM32F446/)
    expect(lastLine(ended)).toBe(`go on: tinyfront resume later --results ${folder}`)
    const again = await cli(['resume', 'later', ...results], { during: stopAt(/resumed: /) })
    expect(again.err).toMatch(/resumed: \d+ trials, \d+ trained · best \d+\.\d % · hypervolume 0\.\d+/)
    expect(lastLine(again)).toBe(`go on: tinyfront resume later --results ${folder}`)
    const at = await cli([...long, '--study', 'json', '--json'], {
      during: (child) => child.stdout!.once('data', () => child.kill('SIGTERM')),
    })
    expect([at.code, lastLine(at)]).toEqual([130, `go on: tinyfront resume json --results ${folder}`])
  })

  test('where studies lie in the usual place, the command is as short as it can be', async () => {
    const cwd = join(folder, 'home')
    mkdirSync(cwd)
    const ended = await cli(long.slice(0, -2), { cwd, during: stopAt(/teacher: .* in training/, 2) })
    expect(lastLine(ended)).toBe('go on: tinyfront resume gestures-count-300')
  })
})

test('a --time in which nothing has room is announced with the least it needs, by plan and by search', async () => {
  const short = ['--data', 'builtin:gestures?count=200', '--device', 'stm32l4r5', '--time', '100ms', ...results]
  const says = /--time 0\.1 s is short: the teacher, one trial, polish and test take about [\d.]+ s/
  expect((await cli(['plan', ...short])).out).toMatch(says)
  expect((await cli(['search', ...short, '--study', 'short'])).err).toMatch(says)
  expect((await cli(['plan', ...short, '--time', '1h'])).out).not.toMatch(/is short/)
})

describe('scores that do not say which is better', () => {
  refusals([
    [
      'compare of a real and a fake study',
      () => ['compare', 'real', 'fake', ...results],
      /scores of fake are made up[\s\S]*--anyway/,
    ],
    [
      'compare of other data',
      () => ['compare', 'fake', 'other', ...results],
      /data differ \(fake: .*; other: .*\)[\s\S]*--anyway/,
    ],
    [
      'compare of other objectives',
      () => ['compare', 'fake', 'energy', ...results, '--anyway'],
      /differ in metric or objectives/,
    ],
  ])

  test('with --anyway they are compared, and it is said beside the figures, in JSON as well', async () => {
    const pair = ['compare', 'real', 'fake', ...results, '--anyway']
    const { out, code } = await cli(pair)
    expect(code).toBe(0)
    expect(out).toMatch(/fake \/ stm32l4r5 \(fake\)/)
    expect(out).toMatch(/scores of fake are made up/)
    expect(readFileSync(join(folder, 'real', 'compare.html'), 'utf8')).toMatch(/scores of fake are made up/)
    expect(JSON.parse((await cli([...pair, '--json'])).out).notes).toEqual([expect.stringMatching(/made up/)])
  })

  test('made-up scores are marked wherever they are shown; real ones nowhere', async () => {
    const shown = async (...args: string[]) => (await cli([...args, ...results])).out
    const report = async (study: string) => readFileSync((await shown('report', study)).trim(), 'utf8')
    const made = /made up \(--engine fake\)/
    for (const command of ['front', 'show']) {
      expect(await shown(command, 'fake')).toMatch(made)
      expect(await shown(command, 'real')).not.toMatch(/fake/)
    }
    expect(await report('fake')).toMatch(made)
    expect(await report('real')).not.toMatch(made)
    const list = await shown('list', 'studies')
    expect(list).toMatch(/^ *fake +20\d\d-\d\d-\d\d \d\d:\d\d +gestures +stm32l4r5 +12 +[\d.]+ % \(fake\) +complete$/m)
    expect(list).toMatch(/^ *real +20\d\d-\d\d-\d\d \d\d:\d\d +gestures +stm32l4r5 +1 +[\d.]+ % +complete$/m)
    const json = async (...args: string[]) => JSON.parse(await shown(...args, '--json'))
    expect([(await json('front', 'fake')).metric.fake, (await json('front', 'real')).metric.fake]).toEqual([true, undefined])
    expect([(await json('show', 'fake')).fake, (await json('show', 'real')).fake]).toEqual([true, undefined])
    const listed = await json('list', 'studies')
    expect(listed.fake).toEqual(expect.arrayContaining(['fake', 'other']))
    const real = listed.details.find((d: { study: string }) => d.study === 'real')
    expect(real).toMatchObject({ state: 'complete', trials: 1, targets: ['stm32l4r5'], fake: false })
    expect(real.kernels.join()).toMatch(/native|wasm/)
    const events = await cli([...fake.filter((a) => a !== '--quiet'), '--study', 'seen', '--device', 'rp2040'])
    expect(events.err).toMatch(/best \d+\.\d % \(fake\)/)
  })
})

test.each([
  ['plan', ['plan', ...data, '--device', 'stm32l4r5', '--max-ram', '1kB', ...results]],
  ['front under a bound', ['front', 'real', '--max-ram', '1kB', ...results]],
  ['compare under a bound', ['compare', 'real', '--device', 'rp2040', '--max-ram', '1kB', ...results]],
])('%s that shows nothing names the nearest miss and what it would take, at exit code 3', async (_what, args) => {
  for (const json of [[], ['--json']]) {
    const { err, code } = await cli([...args, ...json])
    expect(code).toBe(3)
    expect(err).toMatch(
      /error nothing fits; the nearest miss is .* on \S+: ram [\d.]+ kB of 1\.00 kB\nmend {2}it would take --max-ram \d+B/,
    )
  }
})

describe('looking at data', () => {
  refusals([
    ['nothing', () => ['data', 'view', ...results], /data view: no path given[\s\S]*tinyfront data view PATH/],
    ['a folder that is not there', () => ['data', 'view', join(folder, 'nowhere')], /no such file or folder/],
    ['a study without polish', () => ['data', 'view', '--study', 'real', ...results], /no polished network[\s\S]*resume real/],
    ['a fake study', () => ['data', 'view', '--study', 'fake', ...results], /no polished network[\s\S]*--engine fake/],
    ['other data', () => ['data', 'view', 'builtin:shapes?count=100', '--study', 'real', ...results], /made of other data/],
    ['a page where none can be', () => ['data', 'view', data[1]!, '--out', '/dev/null/x.html', ...results], /cannot be written/],
  ])

  test('a page is written, and its path is all that stdout says', async () => {
    const page = join(folder, 'page.html')
    const { out, code } = await cli(['data', 'view', data[1]!, '--out', page, ...results])
    expect([code, out]).toEqual([0, `${page}\n`])
    expect(readFileSync(page, 'utf8')).toMatch(/<h1>builtin:gestures|<h1>gestures/)
    const json = await cli(['data', 'view', data[1]!, '--out', page, '--json', ...results])
    expect(JSON.parse(json.out)).toEqual({ schemaVersion: 1, page })
  })

  test('wrong labels are the first that a study doubts', async () => {
    const table = join(folder, 'wrong.csv')
    const wrong = new Set([31, 82, 133, 184, 235, 286, 337, 388])
    const line = (i: number) => {
      const kind = i % 2 === 0 ? 1 : -1
      const values = [0, 1, 2, 3].map((c) => (kind * (1 + ((i * (c + 7)) % 11) / 11)).toFixed(3))
      return [...values, kind > 0 !== wrong.has(i + 1) ? 'up' : 'down'].join(',')
    }
    writeFileSync(table, `a,b,c,d,label\n${Array.from({ length: 400 }, (_, i) => line(i)).join('\n')}\n`)
    const search = ['search', '--data', table, '--study', 'wrong', '--device', 'stm32l4r5', '--trials', '2', '--polish', '1']
    expect((await cli([...search, '--quiet', ...results])).code).toBe(0)
    const { out, code } = await cli(['data', 'view', '--study', 'wrong', ...results])
    expect(code).toBe(0)
    const section = /<section id="suspects">([\s\S]*?)<\/section>/.exec(readFileSync(out.trim(), 'utf8'))![1]!
    const listed = [...section.matchAll(/<figure[^>]* title="[^"]*row (\d+)"/g)].map(([, row]) => Number(row))
    expect(new Set(listed.slice(0, wrong.size))).toEqual(wrong)
  })
})

describe('a project', () => {
  /** A folder of 60 pictures, 20 of each class. */
  const pictures = (): string => {
    const home = mkdtempSync(join(folder, 'pictures-'))
    for (const [k, name] of ['flat', 'upright', 'checked'].entries()) {
      mkdirSync(join(home, name))
      for (let i = 0; i < 20; i++) {
        const grey = (y: number, x: number) =>
          40 + i + (((k === 0 ? y : k === 1 ? x : x + y) >> 3) % 2) * 120 + ((x * 7 + y * 13 + i) % 9)
        const picture = pngBytes(48, 48, (y, x) => [grey(y, x), grey(y, x), grey(y, x)])
        writeFileSync(join(home, name, `${i}.png`), picture)
      }
    }
    return home
  }

  test('init --yes and search, among 60 pictures: a report in less than three minutes', async () => {
    const cwd = pictures()
    const began = Date.now()
    const init = await cli(['init', '--yes'], { cwd })
    expect([init.code, init.out]).toEqual([0, 'tinyfront.config.json\n'])
    expect(init.err).toMatch(/60 image examples of 48 x 48 x \d, 3 classes\n +checked, flat, upright/)
    expect(init.err).toMatch(/next: tinyfront search\n$/)
    const search = await cli(['search', '--trials', '4', '--polish', '1'], { cwd })
    expect([search.code, search.err]).toEqual([0, expect.stringMatching(/report +results\/pictures-\w+\/report\.html/)])
    expect((Date.now() - began) / 1000).toBeLessThan(180)
    const said = JSON.parse(
      (await cli(['predict', `results/${cwd.split('/').at(-1)}`, 'recommended', 'flat', 'checked/3.png', '--json'], { cwd })).out,
    )
    expect(said.predictions).toHaveLength(21)
    expect(said.predictions.filter((p: { class: string }) => p.class === 'flat').length).toBeGreaterThan(14)
    const nothing = await cli(['predict', cwd.split('/').at(-1)!, 'recommended', 'tinyfront.config.json'], { cwd })
    expect(nothing.err).toMatch(/tinyfront\.config\.json: none of PNG/)
    // the study of the file needs no name, and what it wrote among the pictures is no picture
    expect((await cli(['front'], { cwd })).out).toMatch(/STM32F446[\s\S]*ESP32-S3[\s\S]*RP2040/)
    const looked = JSON.parse((await cli(['data', 'inspect', '--json'], { cwd })).out)
    expect([looked.count, looked.notes.join()]).toEqual([60, expect.not.stringMatching(/passed over/)])
  })

  const home = (held: string): string => {
    const here = mkdtempSync(join(folder, 'home-'))
    writeFileSync(join(here, 'tinyfront.config.json'), held)
    return here
  }
  test('a file in TypeScript: read where Node reads TypeScript, else two lines that say what to do', async () => {
    const here = mkdtempSync(join(folder, 'ts-'))
    const text = "const seconds: string = '20'\nexport default { data: 'builtin:gestures', targets: ['rp2040'], seconds }\n"
    writeFileSync(join(here, 'tinyfront.config.ts'), text)
    const ended = await cli(['search'], { cwd: here })
    const reads = 'typescript' in process.features && process.features.typescript
    expect(ended.err).toMatch(
      reads ? /seconds: duration "20" has no unit/ : /does not read TypeScript\nmend {2}take Node 22\.18 or later, or/,
    )
    expect(ended.code).toBe(2)
  })

  test.each<readonly [string, () => string, readonly string[], RegExp]>([
    ['init where a file is', () => home('{}'), ['init', '--yes'], /tinyfront\.config\.json is here already\nmend {2}edit it/],
    ['init without a terminal', () => mkdtempSync(join(folder, 'h-')), ['init'], /nobody can be asked[\s\S]*--yes/],
    [
      'init where there is nothing',
      () => mkdtempSync(join(folder, 'h-')),
      ['init', '--yes'],
      /no pictures, sounds or recordings/,
    ],
    [
      'a slip in the file',
      () => home('{"device": "rp2040"}'),
      ['front', 'x'],
      /unknown key device\nmend {2}did you mean "targets"\?/,
    ],
    ['a number without unit', () => home('{"seconds": "20"}'), ['search'], /seconds: duration "20" has no unit/],
    ['several studies, none named', () => home('{"studies": {"a": {}, "b": {}}}'), ['search'], /several studies: a, b/],
    ['no data', () => home('{"targets": "rp2040"}'), ['search'], /no data given/],
    ['front without a study', () => mkdtempSync(join(folder, 'h-')), ['front'], /no study named\nmend {2}start one with/],
  ])('%s', async (_what, here, args, says) => {
    const ended = await cli(args, { cwd: here() })
    twoLines(ended)
    expect([ended.code, ended.err]).toEqual([2, expect.stringMatching(says)])
  })
})

describe('what is typed otherwise than we call it', () => {
  refusals([
    ['-v', () => ['-v'], /'-v'\nmend {2}did you mean --version/],
    ['--board', () => ['search', '--board', 'rp2040'], /did you mean --device\? see tinyfront search --help/],
    ['--target', () => ['front', 'real', '--target', 'rp2040'], /did you mean --device\? see tinyfront front --help/],
    ['--ram', () => ['plan', '--ram', '64kB'], /did you mean --max-ram\? see tinyfront plan --help/],
    ['an option of another command', () => ['front', 'real', '--trials', '3'], /--trials is an option of search, resume, plan/],
    ['an option before its command', () => ['--device', 'rp2040', 'search'], /options stand behind the command/],
    ['a command that there is not', () => ['fornt', 'real'], /did you mean tinyfront front\? see tinyfront --help/],
    ['one under data', () => ['data', 'inspct', '.'], /did you mean tinyfront data inspect\? see tinyfront data --help/],
    ['an argument too few', () => ['list'], /write tinyfront list <what>; see tinyfront list --help/],
    ['an argument too many', () => ['search', 'photos'], /name a study with --study; see tinyfront search --help/],
    ['an option without its value', () => ['search', '--device'], /argument missing\nmend {2}see tinyfront search --help/],
    [
      'a shell that we do not know',
      () => ['completion', 'tcsh'],
      /no completion for "tcsh"\nmend {2}choose one of bash, zsh, fish/,
    ],
  ])

  test('a study by its folder, as completion of paths gives it', async () => {
    const named = await cli(['front', 'real', ...results])
    for (const path of [join(folder, 'real'), `${join(folder, 'real')}/`, './real', 'real/'])
      expect((await cli(['front', path], { cwd: folder })).out).toBe(named.out)
    expect((await cli(['front', '.'], { cwd: join(folder, 'real') })).out).toBe(named.out)
    const compared = await cli(['compare', join(folder, 'fake'), './other', '--anyway'], { cwd: folder })
    expect([compared.code, compared.err]).toEqual([0, expect.stringContaining('compare.html')])
    expect((await cli(['front', './rael'], { cwd: folder })).err).toMatch(/did you mean "real"\?/)
  })
})
