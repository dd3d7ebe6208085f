import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { usageError } from '../../util/errors.ts'
import { readJson } from '../../util/json-file.ts'
import { type Project, readProject } from './read.ts'

export const projectFiles = ['tinyfront.config.ts', 'tinyfront.config.js', 'tinyfront.config.json'] as const

/** The names of project files that lie in a folder: one at most, or the person mends it. */
export function projectFileIn(folder: string): string | undefined {
  const [first, second] = projectFiles.filter((name) => existsSync(join(folder, name)))
  if (second !== undefined) throw usageError(`two project files: ${first} and ${second}`, 'keep one of them')
  return first
}

/** The project file of a folder, read; undefined where there is none. A .ts or .js file is run, as a part of the person's own programme. */
export async function openProject(folder: string): Promise<Project | undefined> {
  const name = projectFileIn(folder)
  if (name === undefined) return undefined
  const path = join(folder, name)
  const held = name.endsWith('.json') ? readJson(path, z.unknown(), 'project') : await exported(path, name)
  return readProject(held, name)
}

async function exported(path: string, name: string): Promise<unknown> {
  let loaded: { readonly default?: unknown }
  try {
    loaded = await import(pathToFileURL(path).href)
  } catch (cause) {
    throw notLoaded(name, cause)
  }
  if (loaded.default === undefined)
    throw usageError(`${name}: it exports nothing by default`, 'write `export default defineConfig({ … })`')
  return loaded.default
}

/** Node reads TypeScript by itself from 22.18 on; a loader of our own would be a second way. */
function notLoaded(name: string, cause: unknown) {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return usageError(
      `${name}: Node ${process.versions.node} does not read TypeScript`,
      'take Node 22.18 or later, or name it tinyfront.config.js and leave its types out',
      cause,
    )
  if (code === 'ERR_MODULE_NOT_FOUND' && /package 'tinyfront'/.test(message))
    return usageError(
      `${name}: the package tinyfront is not installed beside it`,
      '`npm install --save-dev tinyfront`, or leave defineConfig out: `export default { … }`',
      cause,
    )
  return usageError(`${name}: it cannot be loaded: ${message.split('\n')[0]}`, 'mend the file, or pass --ignore-config', cause)
}
