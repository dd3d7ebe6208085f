import { readStudy } from '../../run/record/open.ts'
import { exitCodes } from '../../util/errors.ts'
import type { Run } from '../options.ts'
import { talk } from '../output.ts'
import { interruption, servePage } from '../page.ts'

/** `tinyfront ui [STUDY]`: serves the page until Ctrl-C; searches that were started from it are interrupted in order. */
export const runUi: Run = async ([study], options) => {
  // a study that is not there, or is damaged, is said at once
  if (study !== undefined) await readStudy(options.results, study)
  const ui = await servePage(options, study)
  if (!options.quiet) talk('  open it in a browser on this machine; Ctrl-C closes it')
  await interruption()
  await ui.close()
  return exitCodes.ok
}
