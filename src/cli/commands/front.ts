import { frontDocument, frontTable } from '../../report/index.ts'
import { readStudy } from '../../run/open.ts'
import { reprice } from '../../run/reprice.ts'
import { studyView } from '../../run/view.ts'
import { exitCodes } from '../../util/errors.ts'
import { boundsOf } from '../bounds.ts'
import { print, printJson, tableStyle } from '../output.ts'
import type { Run } from '../run.ts'

/** `tinyfront front STUDY [--device NEW]`: prints the fronts; a board that was not in the study is priced from the trials there are. */
export const runFront: Run = async ([name = ''], options) => {
  const store = await readStudy(String(options.results), name)
  const bounds = boundsOf(options)
  const devices =
    (options.device as string[] | undefined) ?? (Object.keys(bounds).length > 0 ? store.header.config.targets : undefined)
  const view = studyView(store, devices ? reprice(store, devices, bounds) : {})
  if (options.json) printJson(frontDocument(view))
  else print(frontTable(view, tableStyle()))
  return view.targets.some((t) => t.front.length > 0) ? exitCodes.ok : exitCodes.nothingFits
}
