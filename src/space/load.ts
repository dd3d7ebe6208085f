import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Shape } from '../graph/graph.ts'
import { nearestName, usageError } from '../util/errors.ts'
import { readJson } from '../util/json-file.ts'
import { packageRoot } from '../util/package-root.ts'
import { type SpaceDefinition, spaceSchema } from './schema.ts'

const folder = join(packageRoot, 'search-spaces')

/** Names of the spaces that come with the package. */
export const listSpaces = (): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json') && file !== 'schema.json')
    .map((file) => basename(file, '.json'))
    .sort()

/** A bundled space by name, or any space by the path of its file. Throws a usage error that names file, key and remedy. */
export function loadSpace(nameOrPath: string): SpaceDefinition {
  const isPath = nameOrPath.endsWith('.json') || nameOrPath.includes('/')
  if (isPath) return readJson(nameOrPath, spaceSchema, 'search space')
  const file = join(folder, `${nameOrPath}.json`)
  if (existsSync(file) && listSpaces().includes(nameOrPath)) return readJson(file, spaceSchema, 'search space')
  const near = nearestName(nameOrPath, listSpaces())
  throw usageError(
    `there is no search space "${nameOrPath}"`,
    `${near ? `did you mean "${near}"? ` : ''}there are ${listSpaces().join(', ')}; or give the path of a .json file`,
  )
}

/** The space that a data set is searched in when nobody says otherwise. */
export function defaultSpaceFor(kind: 'image' | 'audio' | 'series', [h, w]: Shape): string {
  if (h * w < 16) return 'mlp'
  return { image: 'mcunet', audio: 'ds-cnn', series: 'conv1d' }[kind]
}
