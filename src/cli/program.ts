import { Command } from 'commander'
import { version } from '../util/package-root.ts'
import { type CommandRow, commandTable } from './commands.ts'
import { refuse } from './misunderstood.ts'
import { type Options, parserOptions, valuesOf } from './options.ts'

/** What is done with a command that was understood; `given`: the options that the person named. */
export type Act = (row: CommandRow, args: readonly string[], given: Partial<Options>) => Promise<void>

/** The parser, from the table of commands. */
export function program(act: Act): Command {
  const root = new Command('tinyfront')
    .description('Pareto fronts of int8 networks for your microcontrollers, searched on your own data')
    .version(version())
    // suggestions are ours: they know what options are called elsewhere
    .showSuggestionAfterError(false)
    // what follows a command is its own: the -V of --seed -V is no question for the version
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Examples:
  tinyfront search --data ./photos --device stm32f746,esp32-s3 --time 20m
  tinyfront front photos
  tinyfront show photos 17
  tinyfront export photos 17 --format c
  tinyfront compare photos --device rp2040

Exit codes: 0 done · 1 bug · 2 usage · 3 nothing fits · 4 tool missing · 5 store locked or damaged · 130 interrupted, saved`,
    )
  for (const row of commandTable) {
    const command = new Command(row.name.split(' ').pop()!).description(row.description)
    for (const argument of row.arguments ?? []) command.argument(argument)
    for (const option of parserOptions(row.options)) command.addOption(option)
    command.action(async (...args: unknown[]) => {
      const typed = args
        .slice(0, -2)
        .flat()
        .filter((arg) => typeof arg === 'string')
      await act(row, typed, valuesOf(row.options, command.opts()))
    })
    parentOf(root, row.name).addCommand(command)
  }
  for (const command of [root, ...root.commands, ...root.commands.flatMap((c) => c.commands)])
    command.exitOverride((error) => refuse(command, error)).configureOutput({ outputError: () => undefined })
  return root
}

/** "data inspect" stands under "data". */
function parentOf(root: Command, name: string): Command {
  const [group, leaf] = name.split(' ')
  if (!leaf) return root
  const known = root.commands.find((c) => c.name() === group)
  if (known) return known
  const made = new Command(group).description(`${group} …`)
  root.addCommand(made)
  return made
}
