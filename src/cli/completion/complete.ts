import { type CommandRow, commandTable } from '../commands.ts'
import { flagsOf, type OptionName, optionTable } from '../options.ts'

/** A word that may stand here, and what it means. */
export type Candidate = { readonly word: string; readonly says: string }
/** `files`: paths may stand here as well, which the shell knows best. */
export type Completion = { readonly words: readonly Candidate[]; readonly files: boolean }

/** What can be named: looked up when it is asked for. */
export type Sources = {
  readonly boards: () => readonly string[]
  readonly spaces: () => readonly string[]
  readonly data: () => readonly string[]
  readonly lists: () => readonly string[]
  readonly studies: (results: string | undefined) => readonly string[]
  readonly planned: () => Promise<readonly string[]>
}

type Row = { flag: string; value: string | null; help: string; short?: string; known?: readonly string[]; several?: true }
const rowOf = (name: OptionName): Row => optionTable[name]

/** What may stand for the last of these words, which the others precede; the name of the programme is left out. */
export async function complete(words: readonly string[], sources: Sources): Promise<Completion> {
  const current = words.at(-1) ?? ''
  const row = commandTable.find(({ name }) => isStart(name.split(' '), words.slice(0, -1)))
  if (!row) return among(commandsAfter(words.slice(0, -1)), current)
  const before = words.slice(row.name.split(' ').length, -1)
  const { pending, given, results } = walk(row, before)
  if (pending !== undefined) return values(pending, current, '', sources)
  const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(current) ?? []
  const named = row.options.find((name) => rowOf(name).flag === flag && rowOf(name).value !== null)
  if (named !== undefined) return values(named, value ?? '', `${flag}=`, sources)
  if (current.startsWith('-')) return among([...row.options.map(optionCandidate), { word: '--help', says: 'help' }], current)
  return argument(row, given, current, results, sources)
}

const isStart = (name: readonly string[], words: readonly string[]): boolean => name.every((part, i) => words[i] === part)

/** Commands, or what stands under "data". */
function commandsAfter(words: readonly string[]): Candidate[] {
  const depth = words.length
  const under = commandTable.filter(({ name }) => isStart(words, name.split(' ')))
  const heads = new Map(
    under.map(({ name, description }) => {
      const parts = name.split(' ')
      return [parts[depth]!, parts.length > depth + 1 ? `${parts[depth]} …` : description]
    }),
  )
  const own = [...heads].map(([word, says]) => ({ word, says }))
  return depth > 0 ? own : [...own, { word: '--help', says: 'help' }, { word: '--version', says: 'version' }]
}

const optionCandidate = (name: OptionName): Candidate => ({ word: rowOf(name).flag, says: rowOf(name).help })

/** What the words before say: an option that waits for its value, how many arguments there are, where studies lie. */
function walk(row: CommandRow, before: readonly string[]) {
  let pending: OptionName | undefined
  let given = 0
  let results: string | undefined
  for (const word of before) {
    if (pending !== undefined) {
      if (pending === 'results') results = word
      pending = undefined
    } else if (word.startsWith('-')) {
      pending = row.options.find((name) => rowOf(name).value !== null && flagsOf(name).split(/[ ,]+/).includes(word))
      if (word.startsWith('--results=')) results = word.slice('--results='.length)
    } else given++
  }
  return { pending, given, results }
}

/** Values of an option; of a list, its last member. `prefix` is what the shell has of the word before the value. */
async function values(name: OptionName, current: string, prefix: string, sources: Sources): Promise<Completion> {
  const { value, known, several } = rowOf(name)
  const head = several ? current.slice(0, current.lastIndexOf(',') + 1) : ''
  const words = known ?? (await wordsFor(name, sources))
  const candidates = words.map((word) => ({ word: `${prefix}${head}${word}`, says: '' }))
  return { ...among(candidates, prefix + current), files: /path|file|folder/.test(value ?? '') || name === 'targets' }
}

async function wordsFor(name: OptionName, sources: Sources): Promise<readonly string[]> {
  switch (name) {
    case 'targets':
      return sources.boards()
    case 'space':
      return ['auto', ...sources.spaces()]
    case 'data':
      return sources.data()
    case 'study':
      return sources.planned()
    default:
      return []
  }
}

function argument(row: CommandRow, given: number, current: string, results: string | undefined, sources: Sources): Completion {
  const last = row.arguments?.at(-1)
  const name = row.arguments?.[given] ?? (last?.includes('...') ? last : '')
  const bare = name.replace(/[<>[\].]/g, '')
  const found = (words: readonly string[], files: boolean) => ({
    ...among(
      words.map((word) => ({ word, says: '' })),
      current,
    ),
    files,
  })
  if (bare.startsWith('study')) return found(sources.studies(results), true)
  if (bare === 'path') return found(sources.data(), true)
  if (bare === 'what') return found(sources.lists(), false)
  if (bare === 'shell') return found(shells, false)
  return found([], bare !== '' && bare !== 'trial')
}

export const shells = ['bash', 'zsh', 'fish'] as const

const among = (candidates: readonly Candidate[], current: string): Completion => ({
  words: candidates.filter(({ word }) => word.startsWith(current)),
  files: false,
})
