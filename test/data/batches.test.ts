import { beforeAll, describe, expect, test } from 'vitest'
import { makeBatcher } from '../../src/data/batches.ts'
import type { Dataset } from '../../src/data/dataset.ts'
import { openDataset } from '../../src/data/open.ts'

const open = (name: string) => openDataset(`builtin:${name}?count=240`, { seed: 's', cacheDir: 'unused' })
let images: Dataset
let sounds: Dataset
let series: Dataset
beforeAll(async () => {
  ;[images, sounds, series] = await Promise.all([open('shapes'), open('keywords'), open('gestures')])
})
const all = (): Dataset[] => [images, sounds, series]

/** One batch, copied. */
function take(data: Dataset, options: { seed: string; augment: number }, epoch: number, index: number, size = 16) {
  const batcher = makeBatcher(data, data.splits.train, data.shape, options)
  const inputs = new Float32Array(size * batcher.exampleLength)
  const targets = new Float32Array(size * data.classes.length)
  const positions = Int32Array.from(batcher.batch(epoch, index, size, inputs, targets))
  return { inputs, targets, positions, length: batcher.exampleLength }
}

test('gather gives normalised examples in order: mean 0, deviation 1 over train', () => {
  for (const data of all()) {
    const { train } = data.splits
    const batcher = makeBatcher(data, train, data.shape, { seed: '', augment: 0 })
    const x = new Float32Array(batcher.count * batcher.exampleLength)
    batcher.gather(0, batcher.count, x)
    const channels = data.shape[2]
    for (let c = 0; c < channels; c++) {
      const values = x.filter((_, i) => i % channels === c)
      const mean = values.reduce((a, b) => a + b, 0) / values.length
      expect(mean).toBeCloseTo(0, 3)
      expect(values.reduce((a, b) => a + (b - mean) * (b - mean), 0) / values.length).toBeCloseTo(1, 3)
    }
    const { offset, scale } = data.normalisation
    const k = batcher.exampleLength * 3 + 1
    const raw = data.samples[train[3]! * batcher.exampleLength + 1]!
    expect(x[k]).toBeCloseTo((raw - offset[1 % channels]!) * scale[1 % channels]!, 5)
  }
})

test('an epoch without augmentation is a permutation, with one-hot targets', () => {
  for (const data of all()) {
    const { train } = data.splits
    const { inputs, targets, positions, length } = take(data, { seed: 'a', augment: 0 }, 3, 0, train.length)
    expect([...positions].sort((a, b) => a - b)).toEqual([...train.keys()])
    const plain = new Float32Array(length)
    const batcher = makeBatcher(data, train, data.shape, { seed: '', augment: 0 })
    positions.forEach((p, k) => {
      batcher.gather(p, 1, plain)
      expect(inputs.subarray(k * length, (k + 1) * length)).toEqual(plain)
      const target = [...targets.subarray(k * data.classes.length, (k + 1) * data.classes.length)]
      expect(target).toEqual(data.classes.map((_, c) => (c === data.labels.values[train[p]!] ? 1 : 0)))
    })
  }
})

describe('augmented batches', () => {
  test('are a function of seed, epoch and example alone', () => {
    for (const data of all()) {
      const options = { seed: 'a', augment: 1 }
      const fresh = take(data, options, 2, 1)
      // the same batch from a batcher that has served others before, and cut in halves
      const used = makeBatcher(data, data.splits.train, data.shape, options)
      const [x, t] = [new Float32Array(16 * used.exampleLength), new Float32Array(16 * data.classes.length)]
      used.batch(5, 0, 16, x, t)
      used.batch(2, 1, 16, x, t)
      expect(x).toEqual(fresh.inputs)
      used.batch(2, 2, 8, x, t)
      expect(x.subarray(0, 8 * used.exampleLength)).toEqual(fresh.inputs.subarray(0, 8 * used.exampleLength))
    }
  })
  test('differ between epochs and seeds, and stay near the originals', () => {
    for (const data of all()) {
      const one = take(data, { seed: 'a', augment: 1 }, 0, 0)
      expect(take(data, { seed: 'b', augment: 1 }, 0, 0).inputs).not.toEqual(one.inputs)
      expect(take(data, { seed: 'a', augment: 1 }, 1, 0).inputs).not.toEqual(one.inputs)
      expect(one.inputs.every((v) => Number.isFinite(v))).toBe(true)
      const square = (x: Float32Array) => x.reduce((a, b) => a + b * b, 0) / x.length
      const plain = square(take(data, { seed: 'a', augment: 0 }, 0, 0).inputs)
      expect(square(one.inputs)).toBeGreaterThan(0.5 * plain)
      expect(square(one.inputs)).toBeLessThan(2 * plain)
    }
  })
  test('flip only mirrors', () => {
    const mirrored: Dataset = {
      ...images,
      augmentation: { flip: true, shift: 0, gain: 0, offset: 0, noise: 0, mask: 0, rotate: 0, mixup: 0 },
    }
    const [varied, plain] = [take(mirrored, { seed: 'a', augment: 1 }, 0, 0), take(mirrored, { seed: 'a', augment: 0 }, 0, 0)]
    const [h, w, c] = images.shape
    let flipped = 0
    for (let k = 0; k < 16; k++) {
      const at = k * varied.length
      const row = (x: Float32Array, y: number) =>
        Array.from({ length: w }, (_, j) => [...x.subarray(at + (y * w + j) * c, at + (y * w + j + 1) * c)])
      const turned = row(varied.inputs, 0).join() !== row(plain.inputs, 0).join()
      if (turned) flipped++
      for (let y = 0; y < h; y++)
        expect(row(varied.inputs, y)).toEqual(turned ? row(plain.inputs, y).reverse() : row(plain.inputs, y))
    }
    expect(flipped).toBeGreaterThan(2)
    expect(flipped).toBeLessThan(14)
  })
  test('mixup blends pairs: totals stay, every target is a distribution, no share above the bound', () => {
    const only = { flip: false, shift: 0, gain: 0, offset: 0, noise: 0, mask: 0, rotate: 0 }
    const mixed: Dataset = { ...images, augmentation: { ...only, mixup: 0.4 } }
    const [varied, plain] = [take(mixed, { seed: 'a', augment: 1 }, 0, 0), take(mixed, { seed: 'a', augment: 0 }, 0, 0)]
    const total = (x: Float32Array) => x.reduce((a, b) => a + b, 0)
    expect(total(varied.inputs)).toBeCloseTo(total(plain.inputs), 0)
    expect(varied.inputs).not.toEqual(plain.inputs)
    const classes = images.classes.length
    for (let k = 0; k < 16; k++) {
      const row = varied.targets.subarray(k * classes, (k + 1) * classes)
      expect(total(row)).toBeCloseTo(1, 5)
      expect(Math.max(...row)).toBeGreaterThanOrEqual(0.6 - 1e-6)
    }
    expect(take(mixed, { seed: 'a', augment: 1 }, 0, 0)).toEqual(varied)
  })
  test('background noise only adds energy', () => {
    const [frames, mels] = sounds.shape
    const background = new Float32Array(200 * mels).map((_, i) => -3 + ((i * 7919) % 17) / 10)
    const noisy: Dataset = {
      ...sounds,
      background,
      augmentation: { flip: false, shift: 0, gain: 0, offset: 0, noise: 0, mask: 0, rotate: 0, mixup: 0 },
    }
    const [varied, plain] = [take(noisy, { seed: 'a', augment: 1 }, 0, 0), take(noisy, { seed: 'a', augment: 0 }, 0, 0)]
    const louder = varied.inputs.map((v, i) => v - plain.inputs[i]!)
    expect(Math.min(...louder)).toBeGreaterThan(-1e-4)
    const changed = Array.from({ length: 16 }, (_, k) =>
      louder.subarray(k * frames * mels, (k + 1) * frames * mels).some((d) => d > 0.1),
    )
    expect(changed.filter(Boolean).length).toBeGreaterThan(2)
    expect(changed.filter(Boolean).length).toBeLessThan(14)
  })
})

describe('another input size', () => {
  test('averages pictures to bytes and keeps the result', () => {
    const { test: split } = images.splits
    const small = makeBatcher(images, split, [16, 16, 3], { seed: '', augment: 0 })
    const out = new Float32Array(16 * 16 * 3)
    small.gather(2, 1, out)
    const at = (y: number, x: number) => images.samples[split[2]! * 32 * 32 * 3 + (y * 32 + x) * 3]!
    const byte = Math.round((at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4)
    expect(out[0]).toBeCloseTo((byte - images.normalisation.offset[0]!) * images.normalisation.scale[0]!, 5)
  })
  test('works for sound, and refuses another number of channels', () => {
    const half = makeBatcher(sounds, sounds.splits.test, [25, 16, 1], { seed: '', augment: 1 })
    expect(half.exampleLength).toBe(400)
    expect(() => makeBatcher(images, images.splits.test, [16, 16, 1], { seed: '', augment: 0 })).toThrow(/1 channels/)
  })
})
