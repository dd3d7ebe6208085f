import { exportTrial } from '../../run/after/export-trial.ts'
import { pickTrial } from '../../run/after/pick-trial.ts'
import type { ShrinkAccount } from '../../run/after/shrink-trial.ts'
import { readStudy } from '../../run/record/open.ts'
import { isShare } from '../../task/metric.ts'
import { formatBytes, formatPercent } from '../../util/units.ts'
import type { Run } from '../options.ts'
import { print, printJson, talk } from '../output.ts'

/** `tinyfront export STUDY [TRIAL] --format F [--out FOLDER] [--cluster N] [--sparsity SHARE]`: writes the files of one network; without a trial the recommended one. */
export const runExport: Run = async ([name = '', trialText], options) => {
  const store = await readStudy(options.results, name)
  const { folder, ...made } = await exportTrial(store, pickTrial(store, trialText), options, options.results)
  if (options.json) printJson({ schemaVersion: 1, study: name, ...made })
  else {
    for (const path of made.files) print(path)
    if (made.shrunk) for (const line of accountLines(made.shrunk)) talk(line)
  }
  return 0
}

function accountLines({ metric, split, score, sparsity, kernelBytes, gzipBytes }: ShrinkAccount): string[] {
  const number = isShare(metric) ? (x: number) => formatPercent(x, 2) : (x: number) => x.toPrecision(4)
  const line = (what: string, { before, after }: typeof score, show: (x: number) => string) =>
    `  ${what.padEnd(30)} ${show(before)} -> ${show(after)}`
  return [
    line(`${metric} on ${split === 'selectionValidation' ? 'selection-validation' : split}`, score, number),
    line('zeros among the weights', sparsity, (x) => formatPercent(x, 1)),
    line('kernels, Huffman-coded', kernelBytes, formatBytes),
    line('.tflite, gzipped', gzipBytes, formatBytes),
    '  flash, RAM and time on the board stay what they were',
  ]
}
