import { type Column, terminalTable } from '../../report/table.ts'
import { type Prediction, predictTrial } from '../../run/after/predict.ts'
import { readStudy } from '../../run/record/open.ts'
import { exitCodes } from '../../util/errors.ts'
import { formatPercent } from '../../util/units.ts'
import type { Run } from '../options.ts'
import { print, printJson, tableStyle, talk } from '../output.ts'

/** `tinyfront predict STUDY TRIAL FILE...`: what the network that would be flashed says of new files. TRIAL may be `recommended`. */
export const runPredict: Run = async ([name = '', trial, ...files], options) => {
  const store = await readStudy(options.results, name)
  const found = await predictTrial(store, trial === 'recommended' ? undefined : trial, { files }, options.results)
  if (options.json) printJson({ schemaVersion: 1, study: store.study.name, ...found })
  else {
    if (found.predictions.length > 0)
      print(terminalTable(columnsFor(found.predictions), found.predictions.map(row), tableStyle()).join('\n'))
    for (const { file, reason } of found.unreadable) talk(`passed over: ${file}: ${reason}`)
  }
  return found.predictions.length > 0 ? exitCodes.ok : exitCodes.usage
}

const columnsFor = ([first]: readonly Prediction[]): Column[] =>
  first?.class === null
    ? [{ title: 'file' }, { title: 'predicted', align: 'right' }, { title: 'int8', align: 'right' }]
    : [
        { title: 'file' },
        { title: 'class' },
        { title: 'score', align: 'right' },
        { title: 'margin', align: 'right' },
        { title: 'int8', align: 'right' },
      ]

function row({ source, class: name, score, margin, values, integers }: Prediction): string[] {
  const bytes = integers.length > 8 ? `${integers.slice(0, 8).join(' ')} …` : integers.join(' ')
  if (name === null) return [source, values.map((v) => v.toPrecision(4)).join(' '), bytes]
  return [source, name, formatPercent(score ?? 0), formatPercent(margin ?? 0), bytes]
}
