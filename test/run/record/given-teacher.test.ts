import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openDataset } from '../../../src/data/open.ts'
import { givenTeacher } from '../../../src/run/record/given-teacher.ts'
import { npyBytes } from '../../data/make.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-teacher-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const dataset = await openDataset('builtin:gestures?count=120', { seed: '1', cacheDir: folder })
const [rows, classes] = [dataset.splits.train.length, dataset.classes.length]
const values = Array.from({ length: rows * classes }, (_, i) => i / 8)

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

test.each(['<f4', '<f8'] as const)('logits of %s are read in the order of the train split', async (type) => {
  const path = write(`${type.slice(1)}.npy`, npyBytes(type, [rows, classes], values))
  expect(Array.from(await givenTeacher(path, dataset).logits())).toEqual(values)
})

test('logits of another shape, no .npy and no file are refused in two lines', () => {
  const other = write('other.npy', npyBytes('<f4', [2, classes], values.slice(0, 2 * classes)))
  const remedy = `save the logits with numpy.save as float32 of shape (${rows}, ${classes})`
  for (const [path, message] of [
    [other, `${other}: has shape (2, ${classes})`],
    [write('text.npy', Buffer.from('no numbers here')), `${join(folder, 'text.npy')}: not a .npy file`],
  ] as const)
    expect(() => givenTeacher(path, dataset)).toThrow(expect.objectContaining({ message, remedy }))
  expect(() => givenTeacher(join(folder, 'none.npy'), dataset)).toThrow('cannot be read')
})
