#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { exitCodes, TinyfrontError } from '../util/errors.ts'
import { version } from '../util/package-root.ts'
import { commandTable } from './commands.ts'
import { parserOptions, valuesOf } from './options.ts'
import { talk, talkColour } from './output.ts'

/** Builds the parser from the table of commands; an action's module is loaded when it runs, so `--help` is instant. */
function program(): Command {
  const root = new Command('tinyfront')
    .description('Pareto fronts of int8 networks for your microcontrollers, searched on your own data')
    .version(version())
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
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
      const options = valuesOf(row.options, command.opts())
      const run = await row.load()
      process.exitCode = await run(args.slice(0, -2).flat() as string[], options)
    })
    parentOf(root, row.name).addCommand(command)
  }
  for (const command of root.commands)
    for (const c of [command, ...command.commands]) c.exitOverride().configureOutput({ outputError: () => undefined })
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

async function main(): Promise<void> {
  const debug = process.argv.includes('--debug')
  try {
    await program().parseAsync()
  } catch (error) {
    process.exitCode = explain(error, debug)
  }
}

/** Two lines for what a person can mend, a stack for bugs. */
function explain(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    talk(
      `${talkColour.red('error')} ${error.message
        .replace(/^error: /, '')
        .split('\n')
        .join(' ')}`,
    )
    talk(`${talkColour.cyan('mend ')} see tinyfront --help`)
    return exitCodes.usage
  }
  if (error instanceof TinyfrontError) {
    talk(`${talkColour.red('error')} ${error.message}`)
    talk(`${talkColour.cyan('mend ')} ${error.remedy}`)
    if (debug) talk(error.stack ?? '')
    return exitCodes[error.kind]
  }
  talk(`${talkColour.red('bug')} ${error instanceof Error ? (debug ? error.stack : error.message) : String(error)}`)
  talk(`${talkColour.cyan('mend')} run again with --debug and report what it prints`)
  return exitCodes.bug
}

await main()
