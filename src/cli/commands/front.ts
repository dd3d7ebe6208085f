import { frontDocument } from '../../report/front-json.ts'
import { type RuntimePrice, runtimeLines } from '../../report/runtimes.ts'
import { shadowLines, shadowPrices } from '../../report/shadow-price.ts'
import { frontTable } from '../../report/terminal.ts'
import type { StudyView } from '../../report/view.ts'
import { emptyFronts } from '../../run/after/nearest-miss.ts'
import { repricedFronts } from '../../run/after/reprice.ts'
import { runtimePrices } from '../../run/after/runtimes.ts'
import { studyView } from '../../run/after/view.ts'
import type { TargetOnView } from '../../run/record/header.ts'
import { readStudy } from '../../run/record/open.ts'
import { boundsOf } from '../../run/record/options.ts'
import type { StudyStore } from '../../run/record/study-store.ts'
import { exitCodes } from '../../util/errors.ts'
import type { Run } from '../options.ts'
import { colour, print, printJson, tableStyle } from '../output.ts'

/** `tinyfront front STUDY [--device NEW]`: prints the fronts; a board that was not in the study is priced from the trials there are. */
export const runFront: Run = async ([name = ''], options) => {
  const store = await readStudy(options.results, name)
  const bounds = boundsOf(options)
  const devices = options.targets ?? (Object.keys(bounds).length > 0 ? store.header.config.targets : undefined)
  const on = devices ? repricedFronts(store, devices, bounds) : undefined
  const view = studyView(store, on ?? {})
  if (options.json) {
    const document = frontDocument(view)
    const prices = view.targets.map((t) => shadowPrices(t.front, view.metric))
    const runtimes = runtimesOfFronts(store, view, on?.targets)
    const more = (i: number) => ({ shadowPrices: prices[i], runtimes: runtimes[i] })
    printJson({ ...document, targets: document.targets.map((t, i) => ({ ...t, ...more(i) })) })
  } else {
    const runtimes = runtimesOfFronts(store, view, on?.targets)
    print([frontTable(view, tableStyle()), ...nextToRuntimes(view, runtimes), ...moreWouldBuy(view)].join('\n'))
  }
  if (view.targets.every((t) => t.front.length === 0)) throw emptyFronts(store, on, devices ? bounds : undefined)
  return exitCodes.ok
}

/** The recommended network of each board, priced with the runtimes that a person may flash it with. */
const runtimesOfFronts = (store: StudyStore, view: StudyView, boards: readonly TargetOnView[] = store.header.targets) =>
  view.targets.map(({ target, front }) => {
    const pick = front.find((m) => m.recommended !== undefined)
    const board = boards.find((b) => b.target.id === target)
    return pick && board ? runtimePrices(store, board, pick.trial) : []
  })

function nextToRuntimes({ targets }: StudyView, runtimes: readonly (readonly RuntimePrice[])[]): string[] {
  return targets.flatMap(({ target, front }, i) => {
    const pick = front.find((m) => m.recommended !== undefined)
    if (!pick || runtimes[i]!.length < 2) return []
    return [`  ${colour.bold(`#${pick.trial}`)} on ${target}`, ...runtimeLines(runtimes[i]!).map((line) => `    ${line}`), '']
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
