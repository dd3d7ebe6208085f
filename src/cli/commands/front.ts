import { frontDocument } from '../../report/front-json.ts'
import { shadowLines, shadowPrices } from '../../report/shadow-price.ts'
import { terminalTable } from '../../report/table.ts'
import { frontTable } from '../../report/terminal.ts'
import type { StudyView } from '../../report/view.ts'
import { emptyFronts } from '../../run/after/nearest-miss.ts'
import { repricedFronts } from '../../run/after/reprice.ts'
import { type RuntimePrice, runtimePrices } from '../../run/after/runtimes.ts'
import { studyView } from '../../run/after/view.ts'
import type { TargetOnView } from '../../run/record/header.ts'
import { readStudy } from '../../run/record/open.ts'
import { boundsOf } from '../../run/record/options.ts'
import { setupOf } from '../../run/record/setup.ts'
import type { StudyStore } from '../../run/record/study-store.ts'
import { decode } from '../../space/decode.ts'
import { exitCodes } from '../../util/errors.ts'
import { formatBytes, formatMilliseconds } from '../../util/units.ts'
import type { Run } from '../options.ts'
import { colour, print, printJson, tableStyle } from '../output.ts'

/** `tinyfront front STUDY [--device NEW]`: prints the fronts; a board that was not in the study is priced from the trials there are. */
export const runFront: Run = async ([name = ''], options) => {
  const store = await readStudy(options.results, name)
  const bounds = boundsOf(options)
  const devices = options.targets ?? (Object.keys(bounds).length > 0 ? store.header.config.targets : undefined)
  const on = devices ? repricedFronts(store, devices, bounds) : undefined
  const view = studyView(store, on ?? {})
  const runtimes = runtimesOfPicks(store, view, on?.targets ?? store.header.targets)
  if (options.json) {
    const document = frontDocument(view)
    const prices = view.targets.map((t) => shadowPrices(t.front, view.metric))
    printJson({
      ...document,
      targets: document.targets.map((t, i) => ({ ...t, shadowPrices: prices[i], runtimes: runtimes[i] })),
    })
  } else print([frontTable(view, tableStyle()), ...moreWouldBuy(view), ...runtimeLines(view, runtimes)].join('\n'))
  if (view.targets.every((t) => t.front.length === 0)) throw emptyFronts(store, on, devices ? bounds : undefined)
  return exitCodes.ok
}

/** The recommended network of each board under the runtimes there are; nothing where no network is recommended. */
function runtimesOfPicks(store: StudyStore, view: StudyView, targets: readonly TargetOnView[]): RuntimePrice[][] {
  const { space } = setupOf(store.header)
  return view.targets.map(({ target, front }) => {
    const pick = front.find((m) => m.recommended !== undefined)
    const on = targets.find((t) => t.target.id === target)
    const trial = pick && store.trials()[pick.trial]
    return trial && on ? runtimePrices(decode(space, trial.genome).graph, on.target, on.spec.budget) : []
  })
}

function runtimeLines({ targets }: StudyView, runtimes: readonly (readonly RuntimePrice[])[]): string[] {
  return targets.flatMap(({ target, front }, i) => {
    const rows = runtimes[i]!
    if (rows.length < 2) return []
    const pick = front.find((m) => m.recommended !== undefined)!
    const right = (title: string) => ({ title, align: 'right' as const })
    const columns = [{ title: 'runtime' }, right('latency'), right('RAM'), right('flash'), { title: '' }]
    const cells = rows.map((r) => [
      `${r.name}${r.searched ? ' (searched)' : ''}`,
      formatMilliseconds(r.latencyMs),
      formatBytes(r.ramBytes),
      formatBytes(r.flashBytes),
      r.recommended === undefined
        ? r.fits
          ? ''
          : 'does not fit'
        : { text: `take this: ${r.recommended}`, tone: 'green' as const },
    ])
    return [`  ${colour.bold(`#${pick.trial}`)} on ${target}, by runtime`, '', ...terminalTable(columns, cells, tableStyle()), '']
  })
}

/** What a little more of each resource would buy, from the recommended network of each board. */
function moreWouldBuy({ targets, metric }: StudyView): string[] {
  return targets.flatMap(({ target, front }) => {
    const pick = front.find((m) => m.recommended !== undefined)
    const lines = pick ? shadowLines(front, pick.trial, metric) : []
    return lines.length === 0
      ? []
      : [`  ${colour.bold(`beyond #${pick!.trial}`)} on ${target}`, ...lines.map((line) => `  ${line}`), '']
  })
}
