import { nearestName, usageError } from '../../util/errors.ts'
import type { Decoded } from '../decoded.ts'
import { bearings } from './bearings.ts'
import { gestures } from './gestures.ts'
import { keywords } from './keywords.ts'
import type { Builtin } from './plan.ts'
import { shapes } from './shapes.ts'

/** Data sets that need no file: for the demo, for tests, for a first look. */
export const builtins: Readonly<Record<string, Builtin>> = { keywords, gestures, shapes, bearings }

export const builtinNames: readonly string[] = Object.keys(builtins)

export const isBuiltin = (spec: string): boolean => spec.startsWith('builtin:')

/** `builtin:NAME`, or `builtin:NAME?count=N&seed=S`. The seed makes other data; it is not the study's seed. */
export function generateBuiltin(spec: string): Decoded {
  const [name = '', query = ''] = spec.slice('builtin:'.length).split('?')
  const builtin = Object.hasOwn(builtins, name) ? builtins[name]! : undefined
  if (!builtin) {
    const near = nearestName(name, builtinNames)
    throw usageError(
      `there is no built-in data set "${name}"`,
      near ? `did you mean builtin:${near}?` : `choose one of ${builtinNames.map((k) => `builtin:${k}`).join(', ')}`,
    )
  }
  const options = new URLSearchParams(query)
  for (const key of options.keys())
    if (key !== 'count' && key !== 'seed') throw usageError(`${spec}: unknown option ${key}`, 'the options are count and seed')
  const count = Number(options.get('count') ?? builtin.defaultCount)
  if (!Number.isInteger(count) || count < 80 || count > 100_000)
    throw usageError(`${spec}: count must be a whole number from 80 to 100000`, `leave it out for ${builtin.defaultCount}`)
  return builtin.generate(count, options.get('seed') ?? '1')
}
