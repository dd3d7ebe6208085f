import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { kernelsOf } from '../../src/store/kernels-note.ts'
import { nativeIsBuilt, unlessBuilt } from '../helpers/native-build.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-kernels-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const main = new URL('../../dist/cli/main.js', import.meta.url).pathname

const tinyfront = (...args: string[]) =>
  execFileSync(process.execPath, [main, ...args, '--workers', '2', '--results', folder, '--quiet'], { encoding: 'utf8' })

/** Trials without clocks and checksums: scores, steps and the addresses of weights. */
const trials = (study: string): string[] =>
  readFileSync(join(folder, study, 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((line) => line.type === 'trial')
    .map(({ trial }) => JSON.stringify(trial, (key, value) => (key === 'milliseconds' ? undefined : value)))

describe.skipIf(!nativeIsBuilt)(`a study's history does not know its kernels${unlessBuilt}`, () => {
  test.each(['gestures', 'shapes', 'keywords'])('%s: WebAssembly, native, and half of the trials each', (kind) => {
    const options = ['--data', `builtin:${kind}?count=300`, '--device', 'stm32f446,rp2040', '--polish', '1', '--seed', '5']
    const search = (study: string, count: number, kernels: string) =>
      tinyfront('search', ...options, '--study', `${kind}-${study}`, '--trials', String(count), '--kernels', kernels)
    search('wasm', 8, 'wasm')
    search('native', 8, 'native')
    search('half', 4, 'native')
    tinyfront('resume', `${kind}-half`, '--trials', '8', '--kernels', 'wasm')
    expect(trials(`${kind}-wasm`)).toHaveLength(8)
    expect(trials(`${kind}-native`)).toEqual(trials(`${kind}-wasm`))
    expect(trials(`${kind}-half`)).toEqual(trials(`${kind}-wasm`))
    expect(kernelsOf(join(folder, `${kind}-half`))).toEqual([expect.stringMatching(/^native \w+$/), 'wasm'])
  })
})
