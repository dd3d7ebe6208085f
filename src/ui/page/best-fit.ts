import { formatScore, formatTest } from '../../report/format.ts'
import { type Markup, markup } from '../../report/markup.ts'
import type { FrontMember } from '../../report/view.ts'
import { bounded, type Columns } from './columns.ts'
import type { Session } from './session.ts'
import type { Fit } from './sliders.ts'
import { costWords } from './words.ts'

/** How many fit, and the best of them: of those that were tested, if one fits, else by the score of the search. */
export function verdictOf(session: Session, columns: Columns, { count, front, fits }: Fit): Markup {
  const { view, trials } = session.model
  const trained = trials.reduce((n, t) => n + (t.state === 'trained' ? 1 : 0), 0)
  const members = (view?.boards[session.board]?.front ?? []).filter((m) => fits[m.trial])
  return markup`<p><b>${String(count)}</b> of ${String(trained)} trained networks fit, ${String(front.length)} on their front</p>${best(session, columns, members, front)}`
}

function best(session: Session, columns: Columns, members: readonly FrontMember[], front: readonly number[]): Markup {
  const { facts, view, trials } = session.model
  const metric = view?.metric ?? facts!.metric
  const sign = metric.better === 'down' ? 1 : -1
  const [first] = members
    .filter((m) => m.accuracy.test !== null)
    .sort((a, b) => sign * (a.accuracy.int8! - b.accuracy.int8!) || a.trial - b.trial)
  const address = (n: number) => `#/${session.study}/trial/${n}?board=${facts!.boards[session.board]!.target}`
  const costs = (n: number) =>
    bounded.flatMap((name) => {
      const value = columns.cost[name][n]!
      return Number.isFinite(value) ? [costWords[name].format(value)] : []
    })
  const line = (n: number, what: string, score: string) =>
    markup`<p class="best"><span>${what}</span><a href="${address(n)}">#${String(n)}</a> <b>${score}</b> <small>${costs(n).join(' · ')}</small></p>`
  if (first) return line(first.trial, 'most accurate that was tested', formatTest(metric, first.accuracy))
  const n = front[0]
  if (n === undefined) return markup`<p class="best"><span>nothing fits: loosen a slider</span></p>`
  return line(n, 'most accurate, not tested', formatScore(facts!.metric, trials[n]!.score))
}
