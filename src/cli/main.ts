#!/usr/bin/env node
import { CommanderError } from 'commander'
import { exitCodes, TinyfrontError } from '../util/errors.ts'
import { personsFault } from '../util/faults.ts'
import { withDefaults } from './options.ts'
import { bearClosedPipes, talk, talkColour } from './output.ts'
import { type Act, program } from './program.ts'
import { inProject } from './project/apply.ts'

/** A command's module is loaded when it runs, so `--help` is instant. */
const act: Act = async (row, typed, given) => {
  const { args, values } = await inProject(row, { args: typed, values: given }, process.cwd())
  const run = await row.load()
  process.exitCode = await run(args, withDefaults(values))
}

async function main(): Promise<void> {
  const debug = process.argv.includes('--debug')
  bearClosedPipes()
  try {
    await program(act).parseAsync()
  } catch (error) {
    process.exitCode = explain(error, debug)
  }
}

/** Two lines for what a person can mend, a stack for bugs. */
function explain(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok // help or version was shown
  const known = error instanceof TinyfrontError ? error : personsFault(error)
  if (known) {
    talk(`${talkColour.red('error')} ${known.message}`)
    talk(`${talkColour.cyan('mend ')} ${known.remedy}`)
    if (debug) talk((error as Error).stack ?? '')
    return exitCodes[known.kind]
  }
  talk(`${talkColour.red('bug')} ${error instanceof Error ? (debug ? error.stack : error.message) : String(error)}`)
  talk(`${talkColour.cyan('mend')} run again with --debug and report what it prints`)
  return exitCodes.bug
}

await main()
