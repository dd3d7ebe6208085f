import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Shape } from '../graph/graph.ts'
import { oneEach } from '../task/labels.ts'
import { usageError } from '../util/errors.ts'
import { type Decoded, type GivenName, givenNames, sharedBytes, sharedFloats } from './decoded.ts'
import { givenByRow } from './given-by-row.ts'
import { indispensable } from './indispensable.ts'
import { classNamesOf, type Placed } from './manifest.ts'
import { cifarCount, readCifar } from './read/cifar.ts'
import { readIdx } from './read/idx.ts'
import { asUsageError, BadFile, checkTotal } from './read/limits.ts'
import { numberAt, readTable } from './read/table.ts'

const named = (classes: number, placed: Placed): string[] => {
  const names = classNamesOf(placed)
  if (names && names.length < classes)
    throw usageError(`${placed.path}: ${names.length} class names for ${classes} classes`, 'complete classNames (or classes.txt)')
  return names ? [...names] : Array.from({ length: classes }, (_, k) => String(k))
}

const imageSet = (placed: Placed, shape: Shape) => ({
  name: placed.manifest.name ?? basename(placed.path),
  kind: placed.manifest.kind,
  task: 'classification' as const,
  shape,
  frontEnd: { kind: 'image', height: shape[0], width: shape[1], channels: shape[2] === 3 ? 'rgb' : 'gray', range: '0..255' },
  unreadable: [],
  notes: [],
})

const givenFor = (counts: readonly (readonly [GivenName, number])[]): Uint8Array =>
  Uint8Array.from(counts.flatMap(([split, n]) => new Array<number>(n).fill(givenNames.indexOf(split))))

export const idxPattern = /^(train|t10k|test|val)-images[-.]idx3-ubyte(\.gz)?$/

/** A folder in MNIST's form: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, the same with `t10k-`; plain or .gz. */
export async function loadIdx(placed: Placed): Promise<Decoded> {
  const names = readdirSync(placed.path).filter((f) => idxPattern.test(f))
  const parts = await Promise.all(
    // train before t10k
    names
      .sort((a, b) => (a < b ? 1 : -1))
      .map(async (file) => {
        const split: GivenName = file.startsWith('train') ? 'train' : file.startsWith('val') ? 'val' : 'test'
        const labelFile = file.replace('images', 'labels').replace('idx3', 'idx1')
        const images = await indispensable(join(placed.path, file), readIdx)
        const labels = await indispensable(join(placed.path, labelFile), readIdx)
        if (images.dims.length !== 3 || labels.dims[0] !== images.dims[0])
          throw usageError(
            `${file}: ${images.dims[0]} pictures, but ${labels.dims[0]} labels in ${labelFile}`,
            'fetch both files again',
          )
        return { split, images, labels: labels.data }
      }),
  )
  if (parts.length === 0)
    throw usageError(`${placed.path}: no train-images-idx3-ubyte(.gz) in it`, 'name the folder that holds the IDX files')
  const [, h, w] = parts[0]!.images.dims
  if (parts.some((p) => p.images.dims[1] !== h || p.images.dims[2] !== w))
    throw usageError(`${placed.path}: train and test pictures differ in size`, 'fetch the files again')
  const labels = Int32Array.from(parts.flatMap((p) => Array.from(p.labels)))
  const samples = sharedBytes(parts.reduce((sum, p) => sum + p.images.data.length, 0))
  let at = 0
  for (const { images } of parts) {
    samples.set(images.data, at)
    at += images.data.length
  }
  const classes = named(labels.reduce((most, l) => Math.max(most, l), 0) + 1, placed)
  return {
    ...imageSet(placed, [h!, w!, 1]),
    classes,
    labels: oneEach(labels),
    samples,
    given: givenFor(parts.map((p) => [p.split, p.labels.length])),
  }
}

export const cifarPattern = /^(train|data_batch_\d+|test|test_batch|val)\.bin(\.gz)?$/

function checked(bytes: Uint8Array): Uint8Array {
  cifarCount(bytes)
  return bytes
}

/** A folder in CIFAR-10's binary form: `data_batch_1.bin` ... `test_batch.bin`, or `train.bin`, `test.bin`; plain or .gz. */
export async function loadCifar(placed: Placed): Promise<Decoded> {
  const names = readdirSync(placed.path).filter((f) => cifarPattern.test(f))
  const parts = await Promise.all(
    names.sort().map(async (file) => {
      const split: GivenName = file.startsWith('test') ? 'test' : file.startsWith('val') ? 'val' : 'train'
      return { file, split, bytes: await indispensable(join(placed.path, file), (data) => checked(data)) }
    }),
  )
  if (parts.length === 0)
    throw usageError(`${placed.path}: no data_batch_*.bin or train.bin in it`, 'name the folder that holds them')
  const counts = parts.map((p) => [p.split, cifarCount(p.bytes)] as const)
  const total = counts.reduce((sum, [, n]) => sum + n, 0)
  const samples = sharedBytes(total * 3072)
  const labels = new Int32Array(total)
  let at = 0
  parts.forEach(({ file, bytes }, k) => {
    try {
      readCifar(bytes, samples, labels, at)
    } catch (cause) {
      throw asUsageError(file, cause)
    }
    at += counts[k]![1]
  })
  return {
    ...imageSet(placed, [32, 32, 3]),
    classes: named(10, placed),
    labels: oneEach(labels),
    samples,
    given: givenFor(counts),
  }
}

/** Tables with one example per row: its values, then its label (a number) or one column per class. Values stay as they are, as floats. */
export async function loadTable(placed: Placed): Promise<Decoded> {
  const { table, splits, kind } = placed.manifest
  const shape = table?.shape
  if (!table || !shape)
    throw usageError(`${placed.path}: format "table" without a "table" section`, 'say train (and test) and shape in the manifest')
  const { oneHot } = table
  const width = shape[0] * shape[1] * shape[2]
  const files = (['train', 'val', 'test'] as const).flatMap((split) => (table[split] ? [{ split, file: table[split] }] : []))
  const labels: number[] = []
  const values: Float32Array[] = []
  const counts: [GivenName, number][] = []
  for (const { split, file } of files) {
    await indispensable(join(placed.path, file), (bytes) => {
      const rows = readTable(bytes)
      checkTotal(rows.rows.length, width * 4, file)
      const block = new Float32Array(rows.rows.length * width)
      for (let r = 0; r < rows.rows.length; r++) {
        for (let c = 0; c < width; c++) block[r * width + c] = numberAt(rows, r, c)
        labels.push(oneHot ? rows.rows[r]!.slice(width).findIndex((cell) => Number(cell) === 1) : numberAt(rows, r, width))
        if (!Number.isInteger(labels.at(-1)) || labels.at(-1)! < 0 || labels.at(-1)! > 10_000)
          throw new BadFile(`row ${r + 1} has no class`)
      }
      values.push(block)
      counts.push([files.length > 1 ? split : 'none', rows.rows.length])
    })
  }
  const samples = sharedFloats(labels.length * width)
  let at = 0
  for (const block of values) {
    samples.set(block, at)
    at += block.length
  }
  const given = givenFor(counts)
  if (splits) for (const [row, split] of givenByRow(placed)) if (row < given.length) given[row] = givenNames.indexOf(split)
  const classes = named(labels.reduce((most, l) => Math.max(most, l), 0) + 1, placed)
  return {
    ...imageSet(placed, shape),
    kind,
    frontEnd: { kind: 'table', shape },
    classes,
    labels: oneEach(labels),
    samples,
    ...(given.some((g) => g > 0) ? { given } : {}),
  }
}
