import { basename, join } from 'node:path'
import { openExamples } from '../../data/open.ts'
import { renderExamples } from '../../report/examples/page.ts'
import { suspectsOf } from '../../run/after/suspects.ts'
import { readStudy } from '../../run/record/open.ts'
import { defaultSeed } from '../../run/record/options.ts'
import { usageError } from '../../util/errors.ts'
import { writeAsked } from '../../util/write-whole.ts'
import type { Run } from '../options.ts'
import { print, printJson } from '../output.ts'

/** `tinyfront data view [PATH] [--study STUDY] [--out FILE]`: the data as one HTML page; after a study with the labels that its networks doubt. */
export const runDataView: Run = async ([path], options) => {
  const { results, study } = options
  const store = study === undefined ? undefined : await readStudy(results, study)
  const data = path ?? store?.header.config.data
  if (data === undefined) throw usageError('data view: no path given', 'tinyfront data view PATH')
  // a study knows how its data were split and which column is the label
  const { seed = defaultSeed, label } = store?.header.config ?? options
  const opened = await openExamples(data, {
    seed,
    cacheDir: join(results, '.cache'),
    ...(label === undefined ? {} : { label }),
  })
  const page = options.out ?? (store ? join(store.folder, 'data.html') : `${nameOf(data)}.html`)
  writeAsked(page, renderExamples({ ...opened, ...(store ? { suspects: suspectsOf(store, opened.dataset) } : {}) }))
  if (options.json) printJson({ schemaVersion: 1, page })
  else print(page)
  return 0
}

/** "./photos/" -> "photos-view", "builtin:shapes?count=9" -> "shapes-view" */
const nameOf = (data: string): string =>
  `${basename(data.replace(/^builtin:|\?.*$/g, '')).replace(/(\.(tar|csv|tsv|txt))?\.\w+$/, '') || 'data'}-view`
