import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readNpz } from '../../src/data/load-npz.ts'
import { openDataset } from '../../src/data/open.ts'
import { BadFile } from '../../src/data/read/limits.ts'
import { foreignFile } from './foreign-files.ts'
import { npyBytes } from './make.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tinyfront-npz-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function open(content: Uint8Array) {
  writeFileSync(join(root, 'set.npz'), content)
  return openDataset(join(root, 'set.npz'), { seed: 's', cacheDir: join(root, 'cache') })
}
const npz = (arrays: Readonly<Record<string, Uint8Array>>) =>
  zipSync(Object.fromEntries(Object.entries(arrays).map(([name, data]) => [`${name}.npy`, data])), { level: 0 })
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)
const byTurns = (n: number, k: number) =>
  npyBytes(
    '|u1',
    [n, 1],
    upTo(n).map((i) => i % k),
  )

describe('.npz', () => {
  test('pictures as MedMNIST stores them: bytes, and splits by name', async () => {
    const pictures = (n: number) =>
      npyBytes(
        '|u1',
        [n, 4, 5, 3],
        upTo(n * 60).map((v) => v % 251),
      )
    const data = await open(
      npz({
        train_images: pictures(60),
        train_labels: byTurns(60, 3),
        val_images: pictures(20),
        val_labels: byTurns(20, 3),
        test_images: pictures(12),
        test_labels: byTurns(12, 3),
      }),
    )
    expect([data.kind, data.shape, data.classes, data.report.splits.test]).toEqual(['image', [4, 5, 3], ['0', '1', '2'], 12])
    expect([...data.samples.subarray(0, 4)]).toEqual([0, 1, 2, 3])
  })
  test('floats of three dimensions are stretches of time; numbers as labels are sought', async () => {
    const x = npyBytes(
      '<f4',
      [40, 20, 2],
      upTo(1600).map((v) => Math.sin(v)),
    )
    const data = await open(
      npz({
        x,
        y: npyBytes(
          '<f8',
          [40],
          upTo(40).map((v) => v / 3),
        ),
      }),
    )
    expect([data.kind, data.task, data.shape]).toEqual(['series', 'regression', [20, 1, 2]])
  })
  test('channels that stand first come last; one column per class is a class', async () => {
    const x = npyBytes('<f4', [40, 3, 4, 5], upTo(2400))
    const y = npyBytes(
      '|u1',
      [40, 2],
      upTo(40).flatMap((i) => (i % 2 ? [0, 1] : [1, 0])),
    )
    const data = await open(npz({ x_train: x, y_train: y }))
    expect([data.shape, data.classes, [...data.samples.subarray(0, 4)]]).toEqual([
      [4, 5, 3],
      ['0', '1'],
      [0, 20, 40, 1],
    ])
  })
  test('of NumPy, with words as labels', async () => {
    const data = await open(foreignFile('text.npz'))
    expect([data.classes, data.shape, [...data.samples.subarray(3, 6)]]).toEqual([
      ['ja', 'nein'],
      [1, 1, 3],
      [3, 4, 5],
    ])
  })
  test('says which arrays it found where it knows none', () =>
    expect(open(npz({ weights: byTurns(3, 2) }))).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/weights\.npy; read are x and y/),
    }))
  test('mutated ones give arrays or the one error that readers are allowed', () => {
    const good = npz({ x: npyBytes('<f4', [6, 2], upTo(12)), y: byTurns(6, 2) })
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
        const data = Buffer.from(good)
        for (const [at, value] of changes) data[at] = value
        try {
          readNpz(data)
        } catch (error) {
          if (!(error instanceof BadFile)) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })
})
