import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { usageError } from '../../util/errors.ts'
import { writeAsked } from '../../util/write-whole.ts'
import { type Options, optionTable, type Run } from '../options.ts'
import { print, printJson, talk, talkColour } from '../output.ts'
import type { ProjectFile } from '../project/define.ts'
import { projectFileIn } from '../project/find.ts'
import { type Interviewer, interview } from '../project/interview.ts'

/** `tinyfront init [--yes]`: five questions, with what the data show as usual answers; writes the project file and says the next command. */
export const runInit: Run = async (_args, options) => {
  const there = projectFileIn('.')
  if (there !== undefined) throw usageError(`${there} is here already`, 'edit it, or remove it first')
  const terminal = options.yes ? undefined : openTerminal()
  const project = await interview(options, terminal?.by ?? unasked(options)).finally(() => terminal?.close())
  const kept = options.results === optionTable.results.default ? project : { ...project, results: options.results }
  const { file, text } = written(kept)
  writeAsked(file, text)
  const next = 'tinyfront search'
  if (options.json) printJson({ schemaVersion: 1, file, project: kept, next })
  else {
    print(file)
    talk(`next: ${next}`)
  }
  return 0
}

function openTerminal(): { by: Interviewer; close: () => void } {
  if (!process.stdin.isTTY)
    throw usageError('nobody can be asked: stdin is no terminal', 'pass --yes, and flags for what you know')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const by: Interviewer = {
    ask: (question, usual) => lines.question(`${question} [${usual}] `),
    again: ({ message, remedy }) => talk(`${talkColour.red('error')} ${message}\n${talkColour.cyan('mend ')} ${remedy}`),
    say: talk,
  }
  return { by, close: () => lines.close() }
}

const unasked = (options: Options): Interviewer => ({
  ask: async (_question, usual) => usual,
  again: (error) => {
    throw error
  },
  say: options.quiet || options.json ? () => undefined : talk,
})

/** TypeScript where the package is at hand for its types and this Node reads them; else JSON, which needs nothing. */
function written(project: ProjectFile): { file: string; text: string } {
  const schema = 'node_modules/tinyfront/docs/project.schema.json'
  if (isDependency() && 'typescript' in process.features && process.features.typescript) {
    const literal = JSON.stringify(project, null, 2).replace(/^( *)"(\w+)":/gm, '$1$2:')
    return {
      file: 'tinyfront.config.ts',
      text: `import { defineConfig } from 'tinyfront'\n\nexport default defineConfig(${literal})\n`,
    }
  }
  const text = JSON.stringify({ ...(existsSync(schema) ? { $schema: schema } : {}), ...project }, null, 2)
  return { file: 'tinyfront.config.json', text: `${text}\n` }
}

function isDependency(): boolean {
  try {
    createRequire(join(process.cwd(), 'tinyfront.config.ts')).resolve('tinyfront/package.json')
    return true
  } catch {
    return false
  }
}
