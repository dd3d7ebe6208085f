import type { Command, CommanderError } from 'commander'
import { nearestName, usageError } from '../util/errors.ts'
import { type CommandRow, commandTable } from './commands.ts'
import { type OptionName, optionTable } from './options.ts'
import { optionMeant } from './suggest.ts'

/** What the parser did not understand, in two lines: the second names what was meant, or the help of that very command. */
export function refuse(command: Command, error: CommanderError): never {
  if (error.exitCode === 0) throw error // help or version
  const [what = ''] = error.message.replace(/^error: /, '').split('\n')
  const name = nameOf(command)
  const help = `see ${['tinyfront', ...(name === '' ? [] : [name]), '--help'].join(' ')}`
  throw usageError(what, [...meant(error, name, what), help].join('; ').replaceAll('?;', '?'))
}

/** "data inspect"; empty for the programme itself. */
const nameOf = (command: Command): string => (command.parent ? `${nameOf(command.parent)} ${command.name()}`.trim() : '')

function meant({ code }: CommanderError, name: string, what: string): string[] {
  const [, typed = ''] = /'([^']*)'/.exec(what) ?? []
  const row = commandTable.find((r) => r.name === name)
  if (code === 'commander.unknownOption') return optionHint(row, typed)
  if (code === 'commander.unknownCommand') return commandHint(name, typed)
  if (row === undefined) return []
  if (code === 'commander.missingArgument') return [`write tinyfront ${[name, ...(row.arguments ?? [])].join(' ')}`]
  if (code === 'commander.excessArguments' && row.options.includes('study')) return ['name a study with --study']
  return []
}

function optionHint(row: CommandRow | undefined, typed: string): string[] {
  if (typed === '-v') return ['did you mean --version (-V)?']
  const all = Object.keys(optionTable) as OptionName[]
  const own = optionMeant(typed, row?.options ?? all)
  if (own && (row || optionTable[own].flag !== typed)) return [`did you mean ${optionTable[own].flag}?`]
  const elsewhere = all.find((name) => optionTable[name].flag === typed)
  if (elsewhere === undefined) return []
  const commands = commandTable.filter((r) => r.options.includes(elsewhere)).map((r) => r.name)
  return [
    row
      ? `${typed} is an option of ${commands.join(', ')}`
      : `options stand behind the command: tinyfront ${commands[0]} ${typed}`,
  ]
}

/** Of the commands that stand here: all, or those under "data". */
function commandHint(group: string, typed: string): string[] {
  const here = commandTable.flatMap(({ name }) =>
    group === '' ? [name.split(' ')[0]!] : name.startsWith(`${group} `) ? [name.slice(group.length + 1)] : [],
  )
  const near = nearestName(typed, here)
  return near === undefined ? [] : [`did you mean tinyfront ${`${group} ${near}`.trim()}?`]
}
