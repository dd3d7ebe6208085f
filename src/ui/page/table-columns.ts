import { formatScore, formatTest, missing } from '../../report/format.ts'
import { type Content, markup } from '../../report/markup.ts'
import { formatBytes, formatCount, formatMicrojoules, formatMilliseconds, formatSeconds } from '../../util/units.ts'
import type { TrialRow } from '../wire.ts'
import type { Columns } from './columns.ts'
import { testScores } from './model.ts'
import type { Session } from './session.ts'

export type TrialColumn = {
  readonly key: string
  readonly title: string
  /** Where this is sorted by it first: the end that is of interest. */
  readonly first: 'least' | 'most'
  readonly value: (session: Session, trial: TrialRow) => number | null
  readonly cell: (session: Session, trial: TrialRow) => Content
  readonly wide?: true
}

const cost = (i: number, format: (x: number) => string): Pick<TrialColumn, 'first' | 'value' | 'cell'> => ({
  first: 'least',
  value: ({ board }, t) => t.costs[board]![i] ?? null,
  cell: ({ board }, t) => {
    const value = t.costs[board]![i]
    return value === null || value === undefined ? missing : format(value)
  },
})

const table: readonly TrialColumn[] = [
  { key: 'n', title: '#', first: 'most', value: (_, t) => t.n, cell: (_, t) => String(t.n) },
  {
    key: 'test',
    title: 'test (95 %)',
    first: 'most',
    value: ({ model }, t) => model.tests.get(t.n)?.int8 ?? null,
    cell: ({ model }, t) => {
      const test = model.tests.get(t.n)
      return test ? markup`<b>${formatTest(model.facts!.metric, testScores(test))}</b>` : missing
    },
  },
  {
    key: 'score',
    title: 'search score',
    first: 'most',
    value: (_, t) => t.score,
    cell: ({ model }, t) =>
      t.score === null ? markup`<span class="tag">${t.state}</span>` : formatScore(model.facts!.metric, t.score),
  },
  { key: 'latency', title: 'latency', ...cost(0, formatMilliseconds) },
  { key: 'ram', title: 'RAM', ...cost(3, formatBytes) },
  { key: 'flash', title: 'flash', ...cost(4, formatBytes) },
  { key: 'energy', title: 'energy', ...cost(5, formatMicrojoules) },
  { key: 'macs', title: 'MACs', first: 'least', value: (_, t) => t.macs, cell: (_, t) => formatCount(t.macs) },
  { key: 'params', title: 'parameters', first: 'least', value: (_, t) => t.params, cell: (_, t) => formatCount(t.params) },
  {
    key: 'time',
    title: 'time',
    first: 'most',
    value: (_, t) => t.seconds,
    cell: (_, t) => (t.seconds === null ? missing : formatSeconds(t.seconds)),
  },
  {
    key: 'text',
    title: 'genome',
    first: 'least',
    value: (_, t) => t.n,
    cell: (_, t) => markup`<code>${t.text}</code>`,
    wide: true,
  },
]

/** Columns that say nothing in this study are left out. */
export const knownColumns = ({ model }: Session, { range: { energyUj } }: Columns): readonly TrialColumn[] =>
  table.filter((c) => (c.key !== 'energy' || energyUj[0] <= energyUj[1]) && (c.key !== 'test' || model.tests.size > 0))

/** Whether the first click on a column's name puts the least first. */
export const startsUp = (key: string): boolean => table.find((c) => c.key === key)?.first === 'least'

export type Sort = { readonly key: string; readonly up: boolean }

/** All trials in order; sorted again only when trials came or another column was chosen. */
export function sorter(): (session: Session, sort: Sort) => readonly number[] {
  let last = ''
  let list: number[] = []
  return (session, { key, up }) => {
    const { model, board } = session
    const now = JSON.stringify([key, up, board, model.trials.length, model.tests.size])
    if (now === last) return list
    const column = table.find((c) => c.key === key)!
    const values = model.trials.map((t) => column.value(session, t))
    list = model.trials.map((_, i) => i)
    // what has no value stands last, whichever way
    list.sort((a, b) => {
      const [x, y] = [values[a]!, values[b]!]
      if (x === null || y === null) return (x === null ? 1 : 0) - (y === null ? 1 : 0) || a - b
      return (up ? x - y : y - x) || a - b
    })
    last = now
    return list
  }
}
