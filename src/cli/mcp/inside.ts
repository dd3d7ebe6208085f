import { existsSync, realpathSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { usageError } from '../../util/errors.ts'

/** A word of an agent, where no path in it leads out of `root`: not by "..", not from the root of the disk, not through a link. */
export function inside(root: string, word: string): string {
  // lists of boards and DEVICE:RUNTIME hold several paths
  for (const path of [word, ...word.split(/[,:=]/)])
    if (!isInside(root, path))
      throw usageError(`${path}: outside the folder that this server was started in`, `name something in ${root}`)
  return word
}

function isInside(root: string, path: string): boolean {
  let there = resolve(root, path)
  while (!existsSync(there)) there = dirname(there)
  const way = relative(realpathSync(root), realpathSync(there))
  return way !== '..' && !way.startsWith(`..${sep}`) && resolve(way) !== way
}
