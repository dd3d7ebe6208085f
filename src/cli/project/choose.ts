import { studyNameFor } from '../../run/record/options.ts'
import { nearestName, usageError } from '../../util/errors.ts'
import type { Project, Values } from './read.ts'

/** What a project says of one study: the one that is named, or its only one. @throws TinyfrontError where that cannot be told. */
export function chooseStudy({ file, shared, studies }: Project, name: string | undefined): Values {
  const names = Object.keys(studies)
  if (names.length === 0) return shared
  const chosen = name ?? (names.length === 1 ? names[0]! : undefined)
  if (chosen === undefined) throw usageError(`${file} has several studies: ${names.join(', ')}`, `name one: --study ${names[0]}`)
  const own = Object.hasOwn(studies, chosen) ? studies[chosen] : undefined
  if (own) return { ...shared, ...own, study: chosen }
  const near = nearestName(chosen, names)
  throw usageError(
    `${file} has no study "${chosen}"`,
    near ? `did you mean "${near}"?` : `choose one of ${names.join(', ')}, or pass --ignore-config`,
  )
}

/** What holds whichever study is meant; a project of one study says it there. */
export function sharedValues({ shared, studies }: Project, name?: string): Values {
  const all = Object.values(studies)
  const own = name !== undefined && Object.hasOwn(studies, name) ? studies[name] : all.length === 1 ? all[0] : undefined
  return { ...shared, ...own }
}

/** The name of a project's only study. */
export function studyNamed({ file, shared, studies }: Project): string {
  const [first, ...more] = Object.keys(studies)
  if (more.length > 0)
    throw usageError(`${file} has several studies: ${[first, ...more].join(', ')}`, `name one: tinyfront front ${first}`)
  const data = shared.data ?? (first === undefined ? undefined : studies[first]?.data)
  const name = shared.study ?? first ?? (data === undefined ? undefined : studyNameFor(data))
  if (name === undefined) throw usageError(`${file} names no study and no data`, 'add "data", or name a study')
  return name
}
