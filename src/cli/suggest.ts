import { nearestName } from '../util/errors.ts'
import { type OptionName, optionTable } from './options.ts'

/** What a word has in common with "--max-ram", "maxRam" and "MAX_RAM". */
const letters = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, '')

/** The option that is meant by a flag or a key that there is not: by what others call it, else by its letters. */
export function optionMeant(typed: string, among: readonly OptionName[]): OptionName | undefined {
  const words = among.flatMap((name) => {
    const { flag, short, alsoCalled = [] } = optionTable[name] as { flag: string; short?: string; alsoCalled?: readonly string[] }
    return [name, flag, ...(short === undefined ? [] : [short]), ...alsoCalled].map((word) => ({ word: letters(word), name }))
  })
  const wanted = letters(typed)
  const exact = words.find(({ word }) => word === wanted)
  // of one or two letters, every other two are near
  const near =
    wanted.length < 3
      ? undefined
      : nearestName(
          wanted,
          words.filter(({ word }) => word.length > 2).map(({ word }) => word),
        )
  return (exact ?? words.find(({ word }) => word === near))?.name
}
