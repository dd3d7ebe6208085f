import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gunzip } from '../../src/data/read/gzip.ts'
import { BadFile } from '../../src/data/read/limits.ts'
import { readTar } from '../../src/data/read/tar.ts'
import { openTree } from '../../src/data/read/tree.ts'
import { readZip } from '../../src/data/read/zip.ts'
import { tarBytes, tarHeader } from './make.ts'

const text = (data: Uint8Array) => Buffer.from(data).toString()

describe('tar', () => {
  const files = { 'a.txt': 'hello', 'dir/b.bin': Buffer.alloc(513, 7), 'dir/empty': '' }
  test('gives files and contents', () =>
    expect(readTar(tarBytes(files)).map((f) => [f.path, text(f.data)])).toEqual(
      Object.entries(files).map(([path, data]) => [path, data.toString()]),
    ))
  test('long names: GNU and pax', () => {
    const long = `${'d/'.repeat(80)}file.txt`
    const record = ` path=${long}\n`
    const pax = `${record.length + 3}${record}`
    const padded = (body: string) => Buffer.concat([Buffer.from(body), Buffer.alloc(-body.length & 511)])
    for (const [type, body] of [
      ['L', `${long}\0`],
      ['x', pax],
    ] as const) {
      const archive = Buffer.concat([tarHeader('link', body.length, type), padded(body), tarBytes({ short: 'x' })])
      expect(readTar(archive).map((f) => f.path)).toEqual([long])
    }
  })
  test('links and folders are passed over', () =>
    expect(
      readTar(Buffer.concat([tarHeader('evil', 0, '2'), tarHeader('dir/', 0, '5'), tarBytes({ a: '1' })])).map((f) => f.path),
    ).toEqual(['a']))
  test('an archive that ends inside a file, a damaged header and a huge size are refused', () => {
    expect(() => readTar(tarBytes(files).subarray(0, 1600))).toThrow(/ends inside|damaged/)
    const broken = tarBytes(files)
    broken[3]! ^= 1
    expect(() => readTar(broken)).toThrow(/damaged tar header/)
    expect(() => readTar(tarHeader('bomb', 2 ** 32))).toThrow(/claims/)
  })
  test('mutated archives never crash', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2047), fc.nat(255)), { maxLength: 5 }), (changes) => {
        const archive = tarBytes(files)
        for (const [at, value] of changes) archive[at] = value
        try {
          readTar(archive)
        } catch (error) {
          if (!(error instanceof BadFile)) throw error
        }
      }),
    ))
})

test('gzip: truncated, damaged and oversized data are refused', () => {
  const packed = gzipSync(Buffer.alloc(100_000))
  expect(gunzip(packed, 100_000)).toHaveLength(100_000)
  expect(() => gunzip(packed, 99_999)).toThrow(/more than 99999/)
  expect(() => gunzip(packed.subarray(0, packed.length - 20), 1e6)).toThrow(/too early/)
  const broken = Buffer.from(packed)
  broken[broken.length - 6]! ^= 255
  expect(() => gunzip(broken, 1e6)).toThrow(BadFile)
})

describe('zip', () => {
  const good = zipSync({ 'x/a.txt': Buffer.from('hello'), 'x/b.txt': Buffer.alloc(5000, 65) })
  test('gives files and contents', () =>
    expect(readZip(good).map((f) => [f.path, f.data.length])).toEqual([
      ['x/a.txt', 5],
      ['x/b.txt', 5000],
    ]))
  test('a forged size is refused before it is unpacked', () => {
    const forged = Buffer.from(good)
    const central = forged.lastIndexOf('PK\x01\x02') // the last entry: b.txt
    forged.writeUInt32LE(900_000_000, central + 24)
    expect(() => readZip(forged)).toThrow(/impossible size/)
    forged.writeUInt32LE(3_900_000_000, central + 24)
    expect(() => readZip(forged)).toThrow(/claims/)
  })
  test('truncated or mutated archives never crash', () =>
    fc.assert(
      fc.property(
        fc.nat(good.length),
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 }),
        (length, changes) => {
          const archive = Buffer.from(good.subarray(0, length))
          for (const [at, value] of changes) if (at < length) archive[at] = value
          try {
            readZip(archive)
          } catch (error) {
            if (!(error instanceof BadFile)) throw error
          }
        },
      ),
    ))
})

describe('an archive as a data set', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tinyfront-archive-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('paths that climb out, absolute and hidden ones are dropped; nothing is written', () => {
    const file = join(folder, 'set.tar.gz')
    writeFileSync(
      file,
      gzipSync(
        tarBytes({ '../out.wav': '1', '/etc/x.wav': '2', 'top/a/../../b.wav': '3', 'top/.hidden': '4', 'top/a/ok.wav': '5' }),
      ),
    )
    expect(openTree(file).files.map((f) => [f.path, text(f.read())])).toEqual([['a/ok.wav', '5']])
    expect(readdirSync(folder)).toEqual(['set.tar.gz'])
    rmSync(file)
  })
  test('a damaged one gives two lines', () => {
    const file = join(folder, 'bad.zip')
    writeFileSync(file, 'not a zip')
    expect(() => openTree(file)).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringContaining('bad.zip'), remedy: expect.any(String) }),
    )
    rmSync(file)
  })
})
