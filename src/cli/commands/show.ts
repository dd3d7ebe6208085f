import { batteryDays } from '../../device/what-if.ts'
import { fakeScores } from '../../report/format.ts'
import { arrowLines } from '../../report/terminal.ts'
import { layerTable } from '../../report/terminal-network.ts'
import { networkView } from '../../run/after/network-view.ts'
import { pickTrial } from '../../run/after/pick-trial.ts'
import { reprice } from '../../run/after/reprice.ts'
import { demandsOf, holdersOf } from '../../run/boards/holders.ts'
import { dutyOf } from '../../run/record/duty.ts'
import { readStudy } from '../../run/record/open.ts'
import { setupOf } from '../../run/record/setup.ts'
import { decode } from '../../space/decode.ts'
import { formatBattery, formatBytes, formatCount, formatMilliseconds, formatPercent } from '../../util/units.ts'
import { cheapestText } from '../battery.ts'
import type { Run } from '../options.ts'
import { print, printJson, tableStyle } from '../output.ts'

/** `tinyfront show STUDY [TRIAL] [--device BOARD]`: layers, where time goes, where RAM peaks, how it was made, what it would run on and how long. */
export const runShow: Run = async ([name = '', trialText], options) => {
  const store = await readStudy(options.results, name)
  // asked for here, or when the study began
  const duty = dutyOf(options) ?? dutyOf(store.header.config)
  const n = pickTrial(store, trialText)
  const priced = reprice(store, options.targets ?? store.header.config.targets, {})
  const trial = priced.trials[n]!
  const setup = setupOf(store.header)
  const view = networkView(
    store,
    setup,
    trial,
    priced.targets,
    store.tests().find((t) => t.trial === n),
  )
  // by the study's own bounds on time and energy and its reserves
  const { smallest, cheapest } = holdersOf(
    decode(setup.space, trial.genome).graph,
    priced.targets.map((t) => t.target),
    demandsOf(store.header.config),
    options.price,
  )
  const days = duty && Object.fromEntries(priced.targets.map(({ target: { id } }) => [id, batteryDays(trial.costs[id]!, duty)]))
  const fake = store.header.config.engine === 'fake'
  if (options.json) {
    const more = {
      smallestBoard: smallest?.target.id ?? null,
      ...(cheapest === undefined ? {} : { cheapestBoard: cheapest }),
      ...(days ? { batteryDays: days } : {}),
      ...(fake ? { fake } : {}),
    }
    const verification = view.verification.map((proof) => proof.text)
    printJson({ schemaVersion: 1, study: name, genome: trial.text, costs: trial.costs, ...view, verification, ...more })
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
    {
      label: 'smallest board',
      value: smallest
        ? `${smallest.target.id} (${formatBytes(smallest.target.device.ramBytes)} RAM, ${formatBytes(smallest.target.device.flashBytes)} flash), ${formatMilliseconds(smallest.cost.latencyMs)}`
        : 'none of those listed',
    },
    ...(cheapest === undefined ? [] : [{ label: 'cheapest board', value: cheapestText(cheapest) }]),
    ...Object.entries(days ?? {}).map(([id, d]) => ({ label: `battery, ${id}`, value: formatBattery(d) })),
    ...(fake ? [{ label: 'scores', value: fakeScores }] : []),
    ...view.steps.map((s) => ({
      label: s.step,
      value: `${s.score === null ? '–' : formatPercent(s.score, 2)}  ${formatBytes(s.bytes)}  ${formatMilliseconds(s.milliseconds)}`,
    })),
    ...view.verification.map(({ status, text }) => ({ label: status === 'equal' ? 'verified' : status, value: text })),
  ]
  print([...arrowLines(lines, style), '', layerTable(view, style)].join('\n'))
  return 0
}
