import { arrowLines, layerTable } from '../../report/index.ts'
import { networkView } from '../../run/network-view.ts'
import { readStudy } from '../../run/open.ts'
import { reprice } from '../../run/reprice.ts'
import { setupOf } from '../../run/setup.ts'
import { formatBytes, formatCount, formatMilliseconds, formatPercent } from '../../util/units.ts'
import { print, printJson, tableStyle } from '../output.ts'
import { pickTrial } from '../pick-trial.ts'
import type { Run } from '../run.ts'

/** `tinyfront show STUDY [TRIAL] [--device BOARD]`: layers, where time goes, where RAM peaks, how it was made. */
export const runShow: Run = async ([name = '', trialText], options) => {
  const store = await readStudy(String(options.results), name)
  const n = pickTrial(store, trialText)
  const priced = reprice(store, (options.device as string[] | undefined) ?? store.header.config.targets, {})
  const trial = priced.trials[n]!
  const view = networkView(
    store,
    setupOf(store.header),
    trial,
    priced.targets,
    store.tests().find((t) => t.trial === n),
  )
  if (options.json) {
    printJson({ schemaVersion: 1, study: name, genome: trial.text, costs: trial.costs, ...view })
    return 0
  }
  const style = tableStyle()
  const lines = [
    { label: 'trial', value: `${n}  ${trial.text}` },
    { label: 'size', value: `${formatCount(trial.macs)} MACs, ${formatCount(trial.params)} parameters` },
    ...priced.targets.map(({ target }) => {
      const c = trial.costs[target.id]!
      return {
        label: target.id,
        value: `${formatMilliseconds(c.latencyMs)} (${formatMilliseconds(c.latencyLowMs)} – ${formatMilliseconds(c.latencyHighMs)}), ${formatBytes(c.ramBytes)} RAM, ${formatBytes(c.flashBytes)} flash${c.calibrated ? '' : ', not calibrated'}`,
      }
    }),
    ...view.steps.map((s) => ({
      label: s.step,
      value: `${s.score === null ? '–' : formatPercent(s.score, 2)}  ${formatBytes(s.bytes)}  ${formatMilliseconds(s.milliseconds)}`,
    })),
    ...view.verification.map((v) => ({ label: 'verified', value: v })),
  ]
  print([...arrowLines(lines, style), '', layerTable(view, style)].join('\n'))
  return 0
}
