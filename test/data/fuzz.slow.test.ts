import { crc32 } from 'node:zlib'
import { gzipSync, zipSync } from 'fflate'
import jpeg from 'jpeg-js'
import { describe, expect, test } from 'vitest'
import { readNpz } from '../../src/data/load-npz.ts'
import { readCbor } from '../../src/data/read/cbor.ts'
import { cifarCount, cifarRecord, readCifar } from '../../src/data/read/cifar.ts'
import { gunzip } from '../../src/data/read/gzip.ts'
import { readIdx } from '../../src/data/read/idx.ts'
import { BadFile } from '../../src/data/read/limits.ts'
import { readNpy } from '../../src/data/read/npy.ts'
import { readParquet } from '../../src/data/read/parquet.ts'
import { readPicture } from '../../src/data/read/picture.ts'
import { readSoundFile } from '../../src/data/read/sound.ts'
import { readTable } from '../../src/data/read/table.ts'
import { readTar } from '../../src/data/read/tar.ts'
import { readTfRecords } from '../../src/data/read/tf-record.ts'
import { readZip } from '../../src/data/read/zip.ts'
import { rng } from '../../src/util/rng.ts'
import { damage } from '../helpers/damage.ts'
import { foreignFile } from './foreign-files.ts'
import { cborBytes, npyBytes, pngBytes, tarBytes, tfRecordBytes, wavBytes } from './make.ts'

// 5,000 damaged files: each is read, or refused by the one error that readers are allowed, in time.

type Row = {
  readonly read: (bytes: Uint8Array) => unknown
  readonly originals: readonly Uint8Array[]
  /** Makes sums right again after the damage, or nothing behind them would be reached. */
  readonly mend?: (bytes: Uint8Array) => Uint8Array
}

/** Checksums of the chunks of a PNG. */
function withSums(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + view.getUint32(at)
    if (end + 4 > bytes.length) break
    view.setUint32(end, crc32(bytes.subarray(at + 4, end)))
    at = end + 4
  }
  return bytes
}

const colours = (y: number, x: number): [number, number, number] => [x * 20, y * 20, (x * y) % 256]
const photo = jpeg.encode({ width: 24, height: 20, data: Uint8Array.from({ length: 24 * 20 * 4 }, (_, i) => (i * 7) % 256) }, 70)
const numbers = Array.from({ length: 40 }, (_, i) => (i * 31) % 100)
const wave = Array.from({ length: 200 }, (_, i) => Math.round(9000 * Math.sin(i / 5)))
const csv = Buffer.from(`t,acc_x,acc_y,"a ""label"""\n${numbers.map((n, i) => `${i},${n / 3},${-n},walk`).join('\n')}\n`)
const idx = Buffer.concat([Buffer.from([0, 0, 8, 2, 0, 0, 0, 5, 0, 0, 0, 8]), Buffer.from(numbers)])
const record = (i: number) => tfRecordBytes({ image: pngBytes(3, 3, () => [i, 0, 9]), label: i % 2, name: Buffer.from(`${i}`) })
const acquisition = { payload: { values: numbers.map((n) => [n, -n]), interval_ms: 10, sensors: [{ name: 'x', units: 'g' }] } }
const archive = { 'a/1.png': pngBytes(4, 4, colours), 'b/2.txt': Buffer.from('text'), '../up.txt': Buffer.from('no') }

const rows: Readonly<Record<string, Row>> = {
  PNG: { read: readPicture, originals: [pngBytes(9, 7, colours), foreignFile('deep.png')], mend: withSums },
  'PNG, sums': { read: readPicture, originals: [pngBytes(9, 7, colours), foreignFile('deep.png')] },
  JPEG: { read: readPicture, originals: [photo.data, foreignFile('smooth-cmyk.jpg')] },
  BMP: { read: readPicture, originals: [foreignFile('few.bmp'), foreignFile('few-palette.bmp'), foreignFile('few-alpha.bmp')] },
  GIF: {
    read: readPicture,
    originals: [foreignFile('few.gif'), foreignFile('few-interlaced.gif'), foreignFile('few-moving.gif')],
  },
  TIFF: {
    read: readPicture,
    originals: (['few.tiff', 'few-lzw.tiff', 'few-palette.tiff', 'few-deflate.tif', 'deep.tiff'] as const).map(foreignFile),
  },
  WebP: { read: readPicture, originals: [foreignFile('few.webp'), foreignFile('smooth.webp')] },
  WAV: {
    read: readSoundFile,
    originals: [
      wavBytes({ rate: 16000, bits: 16, code: 1, values: wave }),
      wavBytes({ rate: 8000, bits: 32, code: 3, channels: 2, values: wave, extensible: true, junk: 3 }),
    ],
  },
  FLAC: { read: readSoundFile, originals: [foreignFile('sine.flac'), foreignFile('stereo24.flac')] },
  'Ogg Vorbis': { read: readSoundFile, originals: [foreignFile('sine.ogg')] },
  MP3: { read: readSoundFile, originals: [foreignFile('sine.mp3')] },
  CSV: {
    read: (bytes) => readTable(bytes),
    originals: [csv, Buffer.from(csv.toString().replaceAll(',', ';').replaceAll('.', ','))],
  },
  npy: { read: readNpy, originals: [npyBytes('<i2', [10, 4], numbers), npyBytes('<f8', [40], numbers)] },
  npz: { read: readNpz, originals: [foreignFile('text.npz')] },
  parquet: {
    read: readParquet,
    originals: (['rows.parquet', 'pictures.parquet', 'rows-brotli.parquet'] as const).map(foreignFile),
  },
  TFRecord: { read: readTfRecords, originals: [Buffer.concat([record(0), record(1), record(2)])] },
  CBOR: { read: readCbor, originals: [cborBytes(acquisition)] },
  IDX: { read: readIdx, originals: [idx] },
  'CIFAR-10': {
    read: (bytes) => {
      const count = cifarCount(bytes)
      readCifar(bytes, new Uint8Array(count * (cifarRecord - 1)), new Int32Array(count), 0)
    },
    originals: [Buffer.alloc(2 * cifarRecord, 7)],
  },
  tar: { read: readTar, originals: [tarBytes(archive)] },
  zip: { read: readZip, originals: [zipSync(archive)] },
  gzip: { read: (bytes) => gunzip(bytes, 1e6), originals: [gzipSync(csv)] },
}
/** 22 formats: more than 5,000 damaged files. */
const files = 230

/** Seconds that no damaged file of a few kilobytes may take, on a busy machine. Parquet's own limit of time stands below it. */
const mostSeconds = 10

test('5,000 files are damaged', () => {
  expect(Object.keys(rows).length * files).toBeGreaterThan(5000)
})

describe.each(Object.entries(rows))('%s', (name, row) => {
  test('its originals are read', async () => {
    for (const original of row.originals) await row.read(original)
  })

  test(`${files} damaged ones are read or refused, in time`, async () => {
    let refused = 0
    for (let seed = 0; seed < files; seed++) {
      const damaged = damage(row.originals[seed % row.originals.length]!, rng('damaged files', name, seed))
      const file = row.mend?.(damaged) ?? damaged
      const start = performance.now()
      try {
        await row.read(file)
      } catch (error) {
        if (!(error instanceof BadFile)) throw new Error(`seed ${seed}: ${(error as Error).stack}`)
        refused++
      }
      const seconds = (performance.now() - start) / 1000
      if (seconds > mostSeconds) throw new Error(`seed ${seed}: took ${seconds} s`)
    }
    // damage that is never noticed would mean that nothing was tried; bytes of CIFAR-10 and of values in npy and CSV may be anything
    expect(refused).toBeGreaterThan(0)
  })
})
