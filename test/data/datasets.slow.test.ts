import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDataset } from '../../src/data/open.ts'
import { datasetFile, hasDatasets, manifestFile } from './shared-datasets.ts'

let cacheDir: string
beforeAll(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'tinyfront-datasets-'))
})
afterAll(() => rmSync(cacheDir, { recursive: true }))

/** Documented counts (../shared/datasets/README.md): examples of train, val, test. null = val is carved from train. */
const documented: Record<string, { classes: number; shape: readonly number[]; train: number; val: number | null; test: number }> =
  {
    'fashion-mnist': { classes: 10, shape: [28, 28, 1], train: 60000, val: null, test: 10000 },
    'cifar10-subset': { classes: 10, shape: [32, 32, 3], train: 10000, val: null, test: 2000 },
    'kws-arabic8': { classes: 8, shape: [49, 40, 1], train: 1296, val: 432, test: 432 },
    'fan-vibration': { classes: 7, shape: [200, 1, 3], train: 2859, val: 411, test: 819 },
    optdigits: { classes: 10, shape: [8, 8, 1], train: 3823, val: null, test: 1797 },
    semeion: { classes: 10, shape: [16, 16, 1], train: 1270, val: null, test: 323 },
  }

describe.skipIf(!hasDatasets)('real data sets (need ../shared/datasets)', () => {
  const open = (name: string) => openDataset(manifestFile(name), { seed: '1', cacheDir })

  test.each(Object.entries(documented))(
    '%s has the documented counts',
    async (name, { classes, shape, train, val, test: held }) => {
      const { report, classes: names, shape: got } = await open(name)
      const s = report.splits
      expect([names.length, got]).toEqual([classes, shape])
      const validation = s.searchValidation + s.selectionValidation
      expect(s.train + s.calibration + (val === null ? validation : 0)).toBe(train)
      if (val !== null) expect(validation).toBe(val)
      expect(s.test).toBe(held)
      expect(report.unreadable).toEqual([])
      expect(report.equal.filter((o) => o.splits[1] === 'test')).toEqual([])
    },
  )

  test('tables by themselves: a picture, a stretch of time, numbers side by side', async () => {
    const table = (name: string, label?: string) =>
      openDataset(datasetFile(name), { seed: '1', cacheDir, ...(label === undefined ? {} : { label }) })
    const digits = await table('optdigits/optdigits.tra.gz')
    expect([digits.kind, digits.shape, digits.classes.length, digits.report.count]).toEqual(['image', [8, 8, 1], 10, 3823])
    const beats = await table('ecg5000/ecg5000.csv.gz')
    expect([beats.shape, beats.classes.length, beats.report.count]).toEqual([[140, 1, 1], 5, 500])
    const energy = await table('appliances-tabular/appliances-tabular.csv.gz', 'Appliances')
    expect([energy.task, energy.shape]).toEqual(['regression', [1, 1, 26]])
    expect(Math.min(...energy.splits.test)).toBeGreaterThan(Math.max(...energy.splits.train))
  })

  test('trashnet: duplicates across splits are gone; every class is everywhere', async () => {
    const { report, classes, shape } = await open('trashnet-96x128')
    expect([classes.length, shape]).toEqual([6, [128, 96, 3]])
    expect(report.splits.test).toBe(431)
    expect(report.count).toBeLessThan(1768 + 328 + 431)
    expect(report.count).toBeGreaterThan(2400)
    expect([...report.equal, ...report.similar]).toEqual([])
    expect(report.warnings.filter((w) => /no example/.test(w))).toEqual([])
  })

  test('har-phone: windows of 128 rows, subjects on one side, and the share of the largest class that its README states', async () => {
    const { report, classes, shape } = await open('har-phone')
    // six axes, and the length of each of the two vectors
    expect([classes.length, shape]).toEqual([5, [128, 1, 8]])
    expect(report.groups).toBe(23)
    expect(report.count).toBe(1937)
    expect(report.majorityShare).toBeCloseTo(0.662, 3)
    expect(report.warnings.filter((w) => /empty|no example/.test(w))).toEqual([])
  })

  test.each([
    ['cwru-bearing-48k', 10],
    ['cwru-bearing-12k', 9],
  ])('%s: every class in every split', async (name, count) => {
    const { report, classes } = await open(name)
    expect(classes).toHaveLength(count)
    for (const c of report.classes) expect(Math.min(...Object.values(c.counts))).toBeGreaterThan(5)
  })

  test('fan-vibration: without the mean, the constant offset tells nothing', async () => {
    const { report } = await open('fan-vibration')
    expect(report.meanAloneAccuracy).toBeLessThan(0.3)
  })
})
