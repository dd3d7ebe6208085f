import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type SearchOptions, search } from '../../src/index.ts'
import { renderReport } from '../../src/report/html.ts'
import { studyView } from '../../src/run/after/view.ts'
import { readStudy } from '../../src/run/record/open.ts'
import { openData } from '../../src/run/record/prepare.ts'
import { defineTask } from '../../src/task/define.ts'
import { taskOf, usualMetric } from '../../src/task/lookup.ts'
import { type TaskName, tasks } from '../../src/task/tasks.ts'
import { rng } from '../../src/util/rng.ts'
import { pngBytes } from '../data/make.ts'
import './centre.ts'

const task = 'centre' as TaskName

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-centre-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const side = 12
/** Pictures of one blob each, and a list that says where it is. Nothing may be moved, or the list would be wrong. */
function writeBlobs(count: number): string {
  mkdirSync(join(folder, 'pictures'))
  const rows = Array.from({ length: count }, (_, i) => {
    const random = rng('blob', i)
    const [x, y] = [random.next(), random.next()]
    const shade = (r: number, c: number) => {
      const d = (c / (side - 1) - x) ** 2 + (r / (side - 1) - y) ** 2
      return Math.round(230 * Math.max(0, 1 - 12 * d) + 20 * random.next())
    }
    const picture = pngBytes(side, side, (r, c) => {
      const v = shade(r, c)
      return [v, v, v]
    })
    writeFileSync(join(folder, 'pictures', `${i}.png`), picture)
    return `${i}.png,${x.toFixed(4)},${y.toFixed(4)}`
  })
  writeFileSync(join(folder, 'list.csv'), `path,x,y\n${rows.join('\n')}\n`)
  const manifest = join(folder, 'dataset.json')
  const splits = { file: 'list.csv', label: ['x', 'y'] }
  const still = { flip: false, shift: 0, mixup: 0 }
  writeFileSync(manifest, JSON.stringify({ kind: 'image', task, path: 'pictures', splits, augmentation: still }))
  return manifest
}

test('a task of two outputs and a metric of its own, defined in a module, goes through a whole study on worker threads', async () => {
  const options = { data: writeBlobs(300), targets: ['stm32f446'], space: 'mlp', results: folder, study: 'centre', seed: '1' }
  const data = await openData(options, folder)
  expect([data.classes, data.labels.width, data.labels.values.length]).toEqual([[], 2, 600])
  const tests: number[] = []
  const study: SearchOptions = {
    ...options,
    metric: usualMetric(task),
    trials: 4,
    polish: 1,
    workers: 1,
  }
  for await (const event of search(study))
    if (event.type === 'test:end') tests.push(event.test.int8)
    else if (event.type === 'verify:end')
      for (const check of event.verify.checks) expect(check.status, check.detail).not.toBe('different')

  // answering the middle is 0.38 off on average
  expect(Math.min(...tests)).toBeLessThan(0.1)
  const store = await readStudy(folder, 'centre')
  expect(store.header.data).toMatchObject({ task, classes: [], labelWidth: 2 })
  const view = studyView(store)
  expect(view.targets[0]!.reference[0]).toBeCloseTo(0.38, 1)
  expect(view.targets[0]!.front.length).toBeGreaterThan(0)
  const html = renderReport(view)
  expect(html).toContain('mean-distance')
  expect(html).toContain('a centre')
})

test('labels of another width are refused in two lines', async () => {
  const manifest = join(folder, 'one.json')
  const splits = { file: 'list.csv', label: 'x' }
  writeFileSync(manifest, JSON.stringify({ kind: 'image', task, path: 'pictures', splits }))
  await expect(openData({ data: manifest, seed: '1' }, folder)).rejects.toMatchObject({
    message: 'labels in 1 column, which does not suit centre',
    remedy: expect.stringContaining('label columns'),
  })
})

test('a name is taken once, and a task that nobody defined is named in two lines', () => {
  const { classification } = tasks
  expect(() => defineTask('classification', classification, 'file:///mine.js')).toThrow(/"classification" is there already/)
  expect(() =>
    defineTask('mine', { ...classification, metrics: { accuracy: { ...classification.metrics.accuracy } } }, 'x'),
  ).toThrow(/"accuracy" is there/)
  expect(() => taskOf('nowhere' as TaskName)).toThrow(/"nowhere" is not known here/)
  expect(() => taskOf('constructor' as TaskName)).toThrow(/not known here/)
})
