import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { faultText, fileError, personsFault } from '../../src/util/faults.ts'
import { makeFolder } from '../../src/util/write-whole.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-faults-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const thrownBy = (act: () => unknown): unknown => {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('it went well')
}

test('what the system refuses is a person’s situation with a remedy, not a bug', () => {
  const error = personsFault(thrownBy(() => readFileSync(join(folder, 'none'))))
  expect(error).toMatchObject({ kind: 'usage', remedy: 'check the path' })
  expect(error?.message).toMatch(/none \(open\): there is no such place/)
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' })
  expect(fileError('store', 'x', 'written', full, ', then go on')).toMatchObject({
    kind: 'store',
    message: 'x: cannot be written: the disk is full',
    remedy: 'free some space, then go on',
  })
})

test('our own mistakes stay bugs', () => {
  for (const error of [
    new TypeError('x is undefined'),
    'text',
    undefined,
    Object.assign(new Error('x'), { code: 'ERR_ASSERTION' }),
  ])
    expect(personsFault(error)).toBeUndefined()
  expect(faultText(Object.assign(new Error('odd'), { code: 'EODD' }))).toBe('EODD')
})

test('makeFolder makes what is missing, keeps what is there, and refuses to go through a file', () => {
  const deep = join(folder, 'a', 'b', 'c')
  makeFolder(deep)
  makeFolder(deep)
  mkdirSync(join(deep, 'd'))
  writeFileSync(join(folder, 'file'), '')
  for (const path of ['file', 'file/x', 'file/x/y'])
    expect(faultText(thrownBy(() => makeFolder(join(folder, path)))), path).toBe('a file stands where a folder should be')
})
