import { spawnSync } from 'node:child_process'
import { type Options, withDefaults } from '../../src/cli/options.ts'
import { program } from '../../src/cli/program.ts'

/** The words that a POSIX shell makes of each command, without running any. */
export function wordsOf(commands: readonly string[]): string[][] {
  const script = commands.map((command) => `printf '%s\\0' ${command}; printf '\\001\\0'`).join('\n')
  const { stdout } = spawnSync('sh', ['-f'], { input: script, encoding: 'utf8', maxBuffer: 1e9 })
  return stdout
    .split('\u0001\0')
    .slice(0, -1)
    .map((words) => words.split('\0').slice(0, -1))
}

/** What the real command line makes of these words (the first is its own name), without doing it. */
export async function parsed(words: readonly string[]): Promise<{ name: string; options: Options }> {
  let told: { name: string; options: Options } | undefined
  await program(async ({ name }, _args, given) => {
    told = { name, options: withDefaults(given) }
  }).parseAsync(words.slice(1), { from: 'user' })
  return told!
}
