import { join } from 'node:path'
import { renderCompare } from '../../report/compare-html.ts'
import { compareTable } from '../../report/terminal-compare.ts'
import { compareStudies, comparisonOf } from '../../run/after/compare-studies.ts'
import { exitCodes } from '../../util/errors.ts'
import { writeAsked } from '../../util/write-whole.ts'
import type { Run } from '../options.ts'
import { print, printJson, tableStyle, talk } from '../output.ts'

/** `tinyfront compare STUDY... [--device A,B]`: overlaid fronts, hypervolumes, who covers whom; writes an HTML page beside the first study. */
export const runCompare: Run = async (args, options) => {
  const { view, folder, empty } = await compareStudies(args, options)
  if (options.json) printJson(comparisonOf(view))
  else {
    print(compareTable(view, tableStyle()))
    const page = join(folder, 'compare.html')
    writeAsked(page, renderCompare(view))
    talk(`\n  ${page}`)
  }
  const nothing = empty()
  if (nothing) throw nothing
  return exitCodes.ok
}
