import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commandTable } from '../../src/cli/commands.ts'
import { complete } from '../../src/cli/completion/complete.ts'
import { optionTable } from '../../src/cli/options.ts'

const sources = {
  boards: () => ['rp2040', 'rp2350', 'stm32f446'],
  spaces: () => ['mbv2', 'conv1d'],
  data: () => ['builtin:gestures'],
  lists: () => ['devices', 'studies'],
  studies: (results: string | undefined) => (results === 'elsewhere' ? ['far'] : ['demo', 'pets']),
  planned: async () => ['small', 'fast'],
}
const words = async (...typed: readonly string[]) => (await complete(typed, sources)).words.map((c) => c.word)
const files = async (...typed: readonly string[]) => (await complete(typed, sources)).files

test('every command is found by its beginning, and every option of it by its own', async () => {
  for (const { name, options } of commandTable) {
    const parts = name.split(' ')
    expect(await words(...parts.slice(0, -1), parts.at(-1)!.slice(0, -1))).toContain(parts.at(-1))
    const flags = options.map((option) => optionTable[option].flag)
    expect(await words(...parts, '--')).toEqual([...flags, '--help'])
    for (const flag of flags) expect(await words(...parts, flag.slice(0, -1))).toContain(flag)
  }
})

test.each<readonly [readonly string[], readonly string[]]>([
  [
    ['search', '--device', 'rp'],
    ['rp2040', 'rp2350'],
  ],
  [['search', '--device', 'stm32f446,rp20'], ['stm32f446,rp2040']],
  [['search', '--device=rp2040,st'], ['--device=rp2040,stm32f446']],
  [['search', '--json', '--strategy', 'ns'], ['nsga2']],
  [['search', '--objectives', 'error,f'], ['error,flash']],
  [
    ['search', '--space', ''],
    ['auto', 'mbv2', 'conv1d'],
  ],
  [['search', '--data', 'built'], ['builtin:gestures']],
  [
    ['search', '--study', ''],
    ['small', 'fast'],
  ],
  [
    ['front', ''],
    ['demo', 'pets'],
  ],
  [['front', '--results', 'elsewhere', ''], ['far']],
  [['front', '--results=elsewhere', ''], ['far']],
  [['show', 'demo', ''], []],
  [['compare', 'demo', 'p'], ['pets']],
  [['verify', 'd'], ['demo']],
  [
    ['list', ''],
    ['devices', 'studies'],
  ],
  [
    ['export', 'demo', '--format', 'c'],
    ['c', 'c-array', 'cmake'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['search', '--quiet', '-'], []],
])('%j', async (typed, expected) => {
  const found = await words(...typed)
  if (expected.length === 0 && typed.at(-1) === '-') expect(found.every((word) => word.startsWith('--'))).toBe(true)
  else expect(found).toEqual(expected)
})

describe('paths', () => {
  test.each<readonly [boolean, readonly string[]]>([
    [true, ['search', '--data', './p']],
    [true, ['search', '--device', './my']],
    [true, ['export', 'demo', '--out', '']],
    [true, ['profile', '']],
    [true, ['front', 'results/']],
    [false, ['list', '']],
    [false, ['search', '--strategy', '']],
    [false, ['search', '--trials', '']],
    [false, ['show', 'demo', '']],
  ])('%s for %j', async (expected, typed) => expect(await files(...typed)).toBe(expected))
})

test('whatever is typed, candidates begin with the last word', async () => {
  const word = fc.oneof(
    fc.constantFrom(...commandTable.map((row) => row.name.split(' ')[0]!)),
    fc.constantFrom(...Object.values(optionTable).map((row) => row.flag)),
    fc.string({ maxLength: 6 }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 5 }), async (typed) => {
      for (const found of await words(...typed)) expect(found.startsWith(typed.at(-1)!)).toBe(true)
    }),
  )
})
