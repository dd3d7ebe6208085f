import { join } from 'node:path'
import { exportFormats, exportModel } from '../../export/index.ts'
import { metaOf, modelOf } from '../../run/model-of.ts'
import { readStudy } from '../../run/open.ts'
import { nearestName, usageError } from '../../util/errors.ts'
import { print, printJson } from '../output.ts'
import { pickTrial } from '../pick-trial.ts'
import type { Run } from '../run.ts'
import { writeAsked } from '../write-asked.ts'

/** `tinyfront export STUDY [TRIAL] --format F [--out FOLDER]`: writes the files of one network; without a trial the recommended one. */
export const runExport: Run = async ([name = '', trialText], options) => {
  const format = exportFormats.find((f) => f === options.format)
  if (!format) {
    const near = nearestName(String(options.format), exportFormats)
    throw usageError(
      `there is no format "${options.format}"`,
      near ? `did you mean "${near}"?` : `choose one of ${exportFormats.join(', ')}`,
    )
  }
  const results = String(options.results)
  const store = await readStudy(results, name)
  const n = pickTrial(store, trialText)
  const folder = options.out ? String(options.out) : join(store.folder, 'export', `trial-${n}-${format}`)
  const files = exportModel(await modelOf(store, n, results), metaOf(store, n), format)
  for (const { path, data } of files) writeAsked(join(folder, path), data)
  const written = files.map(({ path }) => join(folder, path))
  if (options.json) printJson({ schemaVersion: 1, study: name, trial: n, format, files: written })
  else for (const path of written) print(path)
  return 0
}
