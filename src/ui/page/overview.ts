import { markup } from '../../report/markup.ts'
import { cards } from './cards.ts'
import { type Columns, columnsOf, fitting, frontWithin } from './columns.ts'
import { eachFrame, fill, make } from './dom.ts'
import { frontPlot } from './front.ts'
import { searchPart } from './search.ts'
import { boundsOf, type Part, type Session } from './session.ts'
import { type Fit, sliders } from './sliders.ts'
import { trialTable } from './table.ts'

/** A study at a glance: boards side by side, the front of one and what fits it, the search, all trials. */
export function overview(session: Session): Part {
  const node = make('main', 'overview')
  let fit: Fit | undefined
  let fitOf = ''

  const better = () => session.model.facts!.metric.better ?? 'up'
  function columns(): Columns {
    const { model, board } = session
    const known = session.columns[board]
    if (known && known.length === model.trials.length) return known
    return (session.columns[board] = columnsOf(model.trials, board, better(), model.facts!.objectives))
  }
  /** Computed once for each state of trials and sliders, whoever asks first. */
  function fitNow(): Fit {
    const { facts, trials } = session.model
    const key = JSON.stringify([session.board, trials.length, boundsOf(session)])
    if (fit && fitOf === key) return fit
    const fits = fitting(columns(), boundsOf(session), better())
    fitOf = key
    fit = { fits, count: fits.reduce((a, b) => a + b, 0), front: frontWithin(columns(), fits, facts!.objectives) }
    return fit
  }

  // sliders may move several times a frame
  const moved = eachFrame(() => {
    for (const part of [plot, sliding, trials]) part.update()
  })
  const shared = { columns, fit: fitNow, moved }
  const boards = cards(session, moved)
  const plot = frontPlot(session, shared)
  const sliding = sliders(session, shared)
  const search = searchPart(session)
  const trials = trialTable(session, shared)
  const about = make('details', 'card about')
  const front = make('section', 'card fronts')
  front.append(plot.node, sliding.node)
  node.append(boards.node, front, search.node, trials.node, about)
  let aboutShown = false

  return {
    node,
    update() {
      const { facts } = session.model
      if (!facts) return
      for (const part of [boards, plot, sliding, search, trials]) part.update()
      if (aboutShown) return
      aboutShown = true
      fill(
        about,
        markup`<summary>Configuration</summary><dl>${facts.config.map(({ key, value }) => markup`<dt>${key}</dt><dd>${value}</dd>`)}</dl><h4>Repeat it</h4><pre>${facts.command}</pre>`,
      )
    },
  }
}
