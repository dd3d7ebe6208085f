import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FileLink } from '../../report/view.ts'

/** What a study's folder holds of a trial: the model that polish wrote, and the exports that a person asked for into the study. */
export function filesOf(folder: string, trial: number): FileLink[] {
  const link = (path: string, name: string): FileLink[] => {
    const found = statSync(join(folder, path), { throwIfNoEntry: false })
    return found?.isFile() ? [{ name, path, bytes: found.size }] : []
  }
  const exports = namesIn(join(folder, 'export')).filter((name) => name.startsWith(`trial-${trial}-`))
  return [
    ...link(`models/trial-${trial}.tflite`, `trial-${trial}.tflite`),
    ...exports.flatMap((name) =>
      namesIn(join(folder, 'export', name)).flatMap((file) => link(`export/${name}/${file}`, `${name}/${file}`)),
    ),
  ]
}

/** A study that exported nothing has no such folder. */
function namesIn(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder).sort() : []
}
