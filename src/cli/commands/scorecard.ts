import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../util/package-root.ts'
import type { Run } from '../options.ts'
import { print } from '../output.ts'

/** `tinyfront scorecard`: how wrong latency predictions were on measurements that the fit did not see, target by target. */
export const runScorecard: Run = async (_args, options) => {
  print(readFileSync(join(packageRoot, 'docs', options.json ? 'scorecard.json' : 'scorecard.md'), 'utf8').trimEnd())
  return 0
}
