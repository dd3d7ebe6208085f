import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import jpeg from 'jpeg-js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDataset } from '../../src/data/open.ts'
import { countOf } from '../../src/task/labels.ts'
import { npyBytes, pngBytes, tarBytes, wavBytes } from './make.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tinyfront-data-'))
})
afterEach(() => rmSync(root, { recursive: true }))

type Files = Readonly<Record<string, string | Uint8Array>>
function put(files: Files, name = 'set'): string {
  const folder = join(root, name)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}
const open = (spec: string, extra: { manifest?: string; imageSize?: number } = {}) =>
  openDataset(spec, { seed: 's', cacheDir: join(root, 'cache'), ...extra })
const refusal = (message: RegExp, remedy: RegExp) => ({
  kind: 'usage',
  message: expect.stringMatching(message),
  remedy: expect.stringMatching(remedy),
})
/** `n` files per class, made by `make(class, k)`. */
const perClass = (
  classes: readonly string[],
  n: number,
  extension: string,
  make: (label: number, k: number) => string | Uint8Array,
): Files =>
  Object.fromEntries(
    classes.flatMap((c, label) => Array.from({ length: n }, (_, k) => [`${c}/${k}.${extension}`, make(label, k)])),
  )

const png = (label: number, k: number) =>
  pngBytes(10, 12, (y, x) => [label * 90, (x * 20 + k * 7) % 256, (y * 25 + k * 13) % 256])
const jpg = (label: number, k: number) => {
  const data = Uint8Array.from({ length: 16 * 16 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (label * 80 + k * 3 + (i >> 2)) & 255))
  return jpeg.encode({ width: 16, height: 16, data: Buffer.from(data) }, 90).data
}
const tone = (rate: number, label: number, k: number) =>
  wavBytes({
    rate,
    bits: 16,
    code: 1,
    values: Array.from({ length: rate / 2 }, (_, n) => Math.round(9000 * Math.sin(n * (0.05 + 0.1 * label) + k))),
  })
const csv = (label: string, rows: number, k: number) =>
  `time,x,y,label\n${Array.from({ length: rows }, (_, r) => `${r},${Math.sin(r + k)},${r % 7},${label}`).join('\n')}\n`

describe('pictures in folders', () => {
  test('become examples with classes, own size and five splits', async () => {
    const data = await open(put(perClass(['cat', 'dog'], 30, 'png', png)))
    expect(data.shape).toEqual([10, 12, 3])
    expect(data.classes).toEqual(['cat', 'dog'])
    expect(data.samples).toBeInstanceOf(Uint8Array)
    expect(data.samples.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(Object.values(data.splits).reduce((n, s) => n + s.length, 0)).toBe(60)
    const first = data.samples.subarray(0, 6)
    expect([...first]).toEqual([0, 0, 0, 0, 20, 0]) // cat/0.png, first two pixels
  })
  test('split folders win: train/class and test/class', async () => {
    const train = perClass(['train/a', 'train/b'], 30, 'png', png)
    const held = perClass(['test/a', 'test/b'], 5, 'png', (l, k) => png(l, k + 40))
    const data = await open(put({ ...train, ...held }))
    expect(data.classes).toEqual(['a', 'b'])
    expect(data.splits.test).toHaveLength(10)
  })
  test('one broken JPEG among many is listed and passed over', async () => {
    const files = perClass(['a', 'b'], 20, 'jpg', jpg)
    const broken = Buffer.from(jpg(0, 3)).subarray(0, 120)
    const data = await open(put({ ...files, 'a/broken.jpg': broken }))
    expect(data.report.count).toBe(40)
    expect(data.report.unreadable).toEqual([{ file: 'a/broken.jpg', reason: expect.stringContaining('broken JPEG') }])
    expect(data.report.warnings.join()).toMatch(/1 files cannot be read/)
  })
  test('what is passed over is named by extension, with counts', async () => {
    const heic = perClass(['a', 'b'], 3, 'heic', () => 'ftyp')
    const data = await open(
      put({ ...perClass(['a', 'b'], 20, 'png', png), ...heic, 'a/x.XCF': 'gimp', 'README.md': 'of pictures', LICENSE: 'x' }),
    )
    expect(data.report.count).toBe(40)
    expect(data.report.notes).toContain('passed over, not read as image: 6 .heic, 1 .xcf')
  })
  test('a project among its data: its file, its packages and the folder of its studies are no examples', async () => {
    const folder = put(perClass(['a', 'b'], 20, 'png', png))
    const cacheDir = join(folder, 'results', '.cache')
    const first = await openDataset(folder, { seed: 's', cacheDir })
    put({ 'results/s/export/1.png': png(0, 1), 'node_modules/p/logo.png': png(0, 2), 'tinyfront.config.json': '{}' })
    const again = await openDataset(folder, { seed: 's', cacheDir })
    expect(again.fingerprint).toBe(first.fingerprint)
    expect([again.classes, again.report.notes]).toEqual([['a', 'b'], first.report.notes])
  })
  test('a linked class folder is read; a link back into its own way is not followed', async () => {
    const elsewhere = put(
      perClass(['b'], 20, 'png', (_, k) => png(1, k)),
      'elsewhere',
    )
    const folder = put(perClass(['a'], 20, 'png', png))
    symlinkSync(join(elsewhere, 'b'), join(folder, 'b'))
    symlinkSync(folder, join(folder, 'a', 'back'))
    symlinkSync('/dev/zero', join(folder, 'a', 'endless.png'))
    const data = await open(folder)
    expect([data.classes, data.report.count]).toEqual([['a', 'b'], 40])
  })
  test('folders linked into each other end in two lines, not in a hang', async () => {
    const folder = put(perClass(['a', 'b'], 4, 'png', png))
    for (const [i, from] of Array.from({ length: 30 }, (_, i) => [i, join(folder, 'a', `d${i}`)] as const)) {
      mkdirSync(from)
      for (const side of ['l', 'r']) symlinkSync(join(folder, 'a', `d${i + 1}`), join(from, side))
    }
    await expect(open(folder)).rejects.toMatchObject({ kind: 'usage' })
  })
  test('more than a fifth broken is refused with the first reason', async () => {
    const files = perClass(['a', 'b'], 6, 'png', png)
    const bad = perClass(['a', 'b'], 3, 'jpg', () => 'nonsense')
    await expect(open(put({ ...files, ...bad }))).rejects.toMatchObject(
      refusal(/6 of 18 files.*a\/0\.jpg: none of PNG, JPEG/, /mend or remove/),
    )
  })
  test('are brought to the size asked for; gray stays gray', async () => {
    const gray = (label: number, k: number) =>
      pngBytes(8, 8, (y, x) => [0, 1, 2].map(() => (label * 100 + x * y + k) % 256) as [number, number, number])
    const data = await open(put(perClass(['a', 'b'], 20, 'png', gray)), { imageSize: 4 })
    expect(data.shape).toEqual([4, 4, 1])
  })
  test('decoding is cached, and a damaged cache is made anew', async () => {
    const folder = put(perClass(['a', 'b'], 20, 'png', png))
    const first = await open(folder)
    const [bin] = readdirSync(join(root, 'cache')).filter((f) => f.endsWith('.bin'))
    const again = await open(folder)
    expect(again.fingerprint).toBe(first.fingerprint)
    const file = join(root, 'cache', bin!)
    const bytes = readFileSync(file)
    bytes[5]! ^= 255
    writeFileSync(file, bytes)
    expect((await open(folder)).fingerprint).toBe(first.fingerprint)
    writeFileSync(join(folder, 'a/0.png'), png(1, 99))
    expect((await open(folder)).fingerprint).not.toBe(first.fingerprint)
  })
})

describe('sounds', () => {
  test('become log-mel pictures', async () => {
    const data = await open(put(perClass(['low', 'high'], 20, 'wav', (l, k) => tone(8000, l, k))))
    expect(data.kind).toBe('audio')
    expect(data.shape).toEqual([24, 40, 1]) // 1 + floor((4000 - 240) / 160)
    expect(data.frontEnd).toMatchObject({ kind: 'log-mel', sampleRate: 8000, windowSamples: 240, clipSamples: 4000 })
  })
  test('clips of another sample rate are brought to that of most, which is said once', async () => {
    const files = perClass(['a', 'b'], 10, 'wav', (l, k) => tone(8000, l, k))
    const data = await open(put({ ...files, 'b/other.wav': tone(16000, 1, 0), 'b/third.wav': tone(16000, 1, 1) }))
    expect(data.frontEnd).toMatchObject({ sampleRate: 8000 })
    expect(data.report.count).toBe(22)
    expect(data.report.notes.filter((n) => n.startsWith('resampled'))).toEqual(['resampled to 8000 Hz: 2 clips of 16000 Hz'])
  })
  test('the length of clips comes from all of them, not from the first; cut and padded ones are counted', async () => {
    const long = (l: number, k: number) => {
      const values = Array.from({ length: 8000 }, (_, i) => Math.round(8000 * Math.sin(i * (0.2 + 0.1 * l) + k)))
      return wavBytes({ rate: 8000, bits: 16, code: 1, values })
    }
    const files = perClass(['a', 'b'], 20, 'wav', (l, k) => (k === 0 ? tone(8000, l, k) : long(l, k)))
    const data = await open(put(files))
    const { clipSamples } = data.frontEnd as { clipSamples: number }
    expect(clipSamples).toBeGreaterThan(7500)
    expect(data.report.notes.join()).toMatch(/clips are brought to 0\.9\d s, which hold 95 %.*: 38 are cut, 2 padded/)
  })
  test('speakers in the names of speech commands keep to one side; background noise is no class', async () => {
    const files = Object.fromEntries(
      ['yes', 'no'].flatMap((word, l) =>
        Array.from(
          { length: 40 },
          (_, k) => [`${word}/${(0xabc00000 + (k >> 1)).toString(16)}_nohash_${k & 1}.wav`, tone(8000, l, k)] as const,
        ),
      ),
    )
    const data = await open(put({ ...files, '_background_noise_/hum.wav': tone(8000, 5, 1) }))
    expect(data.classes).toEqual(['no', 'yes'])
    expect(data.report.groups).toBe(20)
    expect(data.background).toHaveLength(24 * 40)
  })
})

describe('recordings', () => {
  const walks = (n: number) => perClass(['walk', 'run'], n, 'csv', (l, k) => csv(l ? 'run' : 'walk', 300, k))
  test('are cut into windows; time and label are no channels', async () => {
    const data = await open(put(walks(6)))
    expect(data.kind).toBe('series')
    expect(data.shape).toEqual([128, 1, 2])
    expect(data.report.count).toBe(12 * 3) // starts 0, 64, 128 of 300 rows
    expect(data.classes).toEqual(['run', 'walk'])
  })
  test('a manifest names columns, window and groups, and takes the mean out', async () => {
    const folder = put({
      ...walks(12),
      'dataset.json': JSON.stringify({
        kind: 'series',
        window: { length: 50, hop: 50, channels: ['y'], subtractMean: true },
        groupPattern: '/(\\d+)\\.csv$',
      }),
    })
    const data = await open(folder)
    expect(data.shape).toEqual([50, 1, 1])
    expect(data.report.groups).toBe(12)
    const sum = Array.from(data.samples.subarray(0, 50)).reduce((a, b) => a + b, 0)
    expect(sum).toBeCloseTo(0, 4)
  })
  test('a missing column is named, with the nearest one', async () => {
    const folder = put({ ...walks(4), 'dataset.json': JSON.stringify({ kind: 'series', window: { channels: ['x', 'lable'] } }) })
    await expect(open(folder)).rejects.toMatchObject(refusal(/run\/0\.csv: no column "lable"/, /did you mean "label"/))
  })
  test('a window takes the class of most of its rows', async () => {
    const mixed = (k: number) =>
      `x,label\n${Array.from({ length: 40 }, (_, r) => `${Math.sin(r * k)},${r < 26 ? 'a' : 'b'}`).join('\n')}\n`
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, k) => [`${k}.csv`, mixed(k + 1)]))
    const data = await open(
      put({ ...files, 'dataset.json': JSON.stringify({ kind: 'series', window: { length: 20, hop: 20 } }) }),
    )
    expect([...data.labels.values.subarray(0, 4)]).toEqual([0, 1, 0, 1]) // rows 0-19: a; rows 20-39: 6 a, 14 b
    expect(data.report.notes.join()).toContain('20 windows have less than 80.0 % of their rows in one class')
  })
  describe('window.purity', () => {
    /** 20 recordings of two windows: the first all a or, by turns, all b; of the second the last `bRows` rows are b, the others a. */
    const recordings = (bRows: number) =>
      Object.fromEntries(
        Array.from({ length: 20 }, (_, k) => {
          const row = (r: number) => `${Math.sin(r * (k + 1))},${r < (k % 2 ? 20 : 0) || r >= 40 - bRows ? 'b' : 'a'}`
          return [`${String(k).padStart(2, '0')}.csv`, `x,label\n${Array.from({ length: 40 }, (_, r) => row(r)).join('\n')}\n`]
        }),
      )
    const opened = (bRows: number, window: object, more: object = {}) =>
      open(
        put({
          ...recordings(bRows),
          'dataset.json': JSON.stringify({ kind: 'series', ...more, window: { length: 20, hop: 20, ...window } }),
        }),
      )
    test('leaves out windows with less of their rows in one class, and keeps those with exactly as much', async () => {
      const exact = await opened(16, { purity: 0.8 }) // 4 a, 16 b
      expect([countOf(exact.labels), exact.report.notes.join()]).toEqual([40, expect.not.stringContaining('left out')])
      const less = await opened(15, { purity: 0.8 }) // 5 a, 15 b
      expect([countOf(less.labels), less.report.notes.join()]).toEqual([
        20,
        expect.stringContaining('20 windows with less than 80.0 % of their rows in one class were left out'),
      ])
    })
    test('that leaves nothing, or in a regression, is refused', async () => {
      const halves = Object.fromEntries(
        Array.from({ length: 20 }, (_, k) => [`${k}.csv`, `x,label\n${'1,a\n'.repeat(10)}${'2,b\n'.repeat(10)}`]),
      )
      const manifest = JSON.stringify({ kind: 'series', window: { length: 20, hop: 20, purity: 1 } })
      await expect(open(put({ ...halves, 'dataset.json': manifest }))).rejects.toMatchObject(
        refusal(/no window has 100.0 % of its rows in one class/, /window.purity/),
      )
      await expect(opened(16, { purity: 0.8 }, { task: 'regression' })).rejects.toMatchObject(
        refusal(/window.purity/, /leave it out/),
      )
    })
  })
  test('a regression takes the mean of the numbers of a window', async () => {
    const ramp = (k: number) => `x,load\n${Array.from({ length: 40 }, (_, r) => `${Math.sin(r * k)},${r + k}`).join('\n')}\n`
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, k) => [`${String(k).padStart(2, '0')}.csv`, ramp(k)]))
    const manifest = { kind: 'series', task: 'regression', window: { length: 20, hop: 20, label: 'load' } }
    const data = await open(put({ ...files, 'dataset.json': JSON.stringify(manifest) }))
    expect([data.task, data.classes, data.shape]).toEqual(['regression', [], [20, 1, 1]])
    expect([...data.labels.values.subarray(0, 4)]).toEqual([9.5, 29.5, 10.5, 30.5])
    expect(Object.values(data.splits).every((s) => s.length > 0)).toBe(true)
    expect(data.report.imbalance).toBeNull()
  })
  test('ranges of rows in a split list, from .npy in an archive', async () => {
    const wave = (k: number) =>
      npyBytes(
        '<i2',
        [400],
        Array.from({ length: 400 }, (_, n) => Math.round(500 * Math.sin(n * (k + 1)))),
      )
    const folder = put({
      'set.tar.gz': gzipSync(tarBytes({ 'top/one.npy': wave(1), 'top/two.npy': wave(2) })),
      'list.csv':
        'file,label,part,scale\none.npy,a,train:0-240;val:240-320;test:320-400,0.5\ntwo.npy,b,train:0-240;val:240-320;test:320-400,1\n',
      'dataset.json': JSON.stringify({
        kind: 'series',
        splits: { file: 'list.csv', path: 'file', label: 'label', split: 'part', scale: 'scale' },
        window: { length: 8, hop: 8 },
      }),
    })
    const data = await open(folder)
    expect(data.splits.test).toHaveLength(20)
    expect(data.splits.train.length + data.splits.calibration.length).toBe(60)
    expect(data.samples[1]).toBe(0.5 * Math.round(500 * Math.sin(2)))
  })
})

describe('two lines for', () => {
  test('a missing folder', () =>
    expect(open('/nowhere/at/all')).rejects.toMatchObject(refusal(/nowhere.*no such/, /check the path/)))
  test('an empty folder', () =>
    expect(open(put({ 'readme.md': 'x' }))).rejects.toMatchObject(refusal(/no pictures, sounds or recordings/, /what works/)))
  test('a folder of something else says what was found', () =>
    expect(open(put(perClass(['a', 'b'], 12, 'heic', () => 'x')))).rejects.toMatchObject(refusal(/but 24 \.heic/, /\.png/)))
  test('a wrong key in a manifest', () =>
    expect(open(put({ 'dataset.json': '{ "kind": "image", "clases": ["a", "b"] }' }))).rejects.toMatchObject(
      refusal(/dataset\.json: unknown key clases/, /did you mean "classes"/),
    ))
  test('a class that is not there', () =>
    expect(
      open(put({ ...perClass(['a', 'b'], 9, 'png', png), 'dataset.json': '{ "kind": "image", "classes": ["a", "x"] }' })),
    ).rejects.toMatchObject(refusal(/no class "x"/, /its classes are a, b/)))
  test('files without classes', () =>
    expect(open(put(Object.fromEntries(Array.from({ length: 20 }, (_, k) => [`${k}.png`, png(0, k)]))))).rejects.toMatchObject(
      refusal(/all 20 examples are of one class/, /folder of its own/),
    ))
  test('too few examples', () =>
    expect(open(put(perClass(['a', 'b'], 2, 'png', png)))).rejects.toMatchObject(
      refusal(/4 examples are too few/, /at least ten/),
    ))
  test('a file missing from a split list', () =>
    expect(
      open(put({ ...perClass(['a', 'b'], 9, 'png', png), 'splits.csv': 'path,split\na/0.png,train\na/99.png,train\n' })),
    ).rejects.toMatchObject(refusal(/a\/99\.png: named in .*missing/, /mend/)))
})
