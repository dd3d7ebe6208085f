import type { Budget } from '../device/cost.ts'
import { formatBattery, formatBytes, formatMicrojoules, formatMilliseconds, formatPercent } from '../util/units.ts'
import { byScore, fakeScores, formatScore, formatTest, isTested, missing, optimismText, plainNumber } from './format.ts'
import { printable } from './markup.ts'
import { markRecommended } from './recommend.ts'
import { evenly } from './svg/scatter.ts'
import { type Cell, type Column, markdownTable, type Row, type Style, type TableFormat, terminalTable } from './table.ts'
import type { FrontMember, MetricView, StudyView, TargetView } from './view.ts'
import { displayWidth, pad } from './width.ts'

export type ArrowLine = { readonly label: string; readonly value: string; readonly detail?: string }

/** "tinyfront v0.1.0  ready in 140 ms" and the lines below it, in the look of vite. */
export function banner(name: string, version: string, readyMs: number | null, lines: readonly ArrowLine[], style: Style): string {
  const ready = readyMs === null ? '' : style.paint.dim(`  ready in ${formatMilliseconds(readyMs)}`)
  return [
    '',
    `  ${style.paint.green(style.paint.bold(`${name} v${version}`))}${ready}`,
    '',
    ...arrowLines(lines, style),
    '',
  ].join('\n')
}

/** "➜  study    kws-f746   resumed: 41 of 200 trials": labels, values and details under each other. */
export function arrowLines(lines: readonly ArrowLine[], style: Style): string[] {
  const label = Math.max(0, ...lines.map((l) => displayWidth(printable(l.label))))
  const detailed = lines.filter((l) => l.detail !== undefined)
  const value = Math.max(0, ...detailed.map((l) => displayWidth(printable(l.value))))
  const arrow = style.paint.green(style.glyphs === 'ascii' ? '->' : '➜')
  return lines.map(({ label: name, value: text, detail }) => {
    const end =
      detail === undefined ? printable(text) : `${pad(printable(text), value, 'left')}  ${style.paint.dim(printable(detail))}`
    return `  ${arrow}  ${style.paint.bold(pad(printable(name), label, 'left'))}  ${end}`
  })
}

/** "████░░░░░░" */
export function bar(share: number, cells: number, style: Style): string {
  const full = Math.round(Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * cells)
  const [on, off] = style.glyphs === 'ascii' ? ['#', '.'] : ['█', '░']
  return on.repeat(full) + style.paint.dim(off.repeat(cells - full))
}

/** Lines for every target: heading, front table, and how much of the budget the recommended member takes. At most `limit` members a front. */
export function frontTable(view: StudyView, style: Style, format: TableFormat = 'terminal', limit = 20): string {
  const fronts = view.targets.flatMap((target) => oneFront(view, target, style, format, limit))
  const flatters = view.optimism && optimismText(view.metric, view.optimism)
  const small = flatters === undefined ? [] : [format === 'markdown' ? flatters : `  ${style.paint.dim(flatters)}`, '']
  return [...fronts, ...small].join('\n')
}

function oneFront(view: StudyView, target: TargetView, style: Style, format: TableFormat, limit: number): string[] {
  const front = [...markRecommended(target.front, target.budget, view.metric)].sort(byScore(view.metric))
  const facts = [
    ...target.facts,
    ...(target.calibrated ? [] : ['latency not calibrated']),
    ...(view.metric.fake ? [fakeScores] : []),
  ]
    .map(printable)
    .join(' · ')
  const heading =
    format === 'markdown'
      ? [`### ${printable(target.title)}`, '', facts, '']
      : [`  ${style.paint.bold(printable(target.title))}  ${style.paint.dim(facts)}`, '']
  if (front.length === 0)
    return [
      ...heading,
      view.trials.trained > 0 ? '  no trained network fits this board within its budget' : '  no network is trained yet',
      '',
    ]
  const kept = new Set(evenly(front, limit))
  const shown = front.filter((m) => kept.has(m) || m.recommended !== undefined)
  const tested = isTested(front)
  const rows = shown.map((m) => frontRow(m, target, view.metric, tested, style))
  const columns = frontColumns(tested)
  const table = format === 'markdown' ? markdownTable(columns, rows) : terminalTable(columns, rows, style)
  const left = front.length - shown.length
  const rest = `${left} more: tinyfront front ${printable(view.study)} --json`
  const more = left === 0 ? [] : format === 'markdown' ? ['', rest] : [`  ${style.paint.dim(rest)}`]
  const pick = front.find((m) => m.recommended !== undefined)
  const why = pick && format === 'terminal' ? ['', ...recommendedLines(pick, target.budget, style)] : []
  return [...heading, ...table, ...more, ...why, '']
}

/** What was tested leads with the test; the score of the split that chose comes after, dimmed, before float32. */
const frontColumns = (tested: boolean): Column[] => [
  { title: '' },
  { title: '#', align: 'right', gap: 1 },
  ...(tested ? [{ title: 'test', align: 'right' as const }] : []),
  { title: tested ? 'selection' : 'int8', align: 'right', ...(tested ? { drop: 3 } : {}) },
  { title: 'float32', align: 'right', drop: 4 },
  { title: 'latency', align: 'right' },
  { title: '90 % interval', align: 'right', drop: 5 },
  { title: 'RAM', align: 'right' },
  { title: '', align: 'right', gap: 1 },
  { title: 'flash', align: 'right' },
  { title: '', align: 'right', gap: 1 },
  { title: 'energy', align: 'right', drop: 2 },
  { title: '', drop: 1 },
]

function frontRow(m: FrontMember, { budget }: TargetView, metric: MetricView, tested: boolean, style: Style): Row {
  const { accuracy, cost } = m
  const strong = (text: string): Cell => (m.recommended === undefined ? text : { text, tone: 'bold' })
  const soft = (text: string): Cell => ({ text, tone: 'dim' })
  const star = style.glyphs === 'ascii' ? '*' : '★'
  const { latencyLowMs: low, latencyHighMs: high } = cost
  return [
    m.recommended === undefined ? '' : { text: star, tone: 'green' },
    strong(String(m.trial)),
    ...(tested
      ? [strong(formatTest(metric, accuracy)), soft(formatScore(metric, accuracy.int8))]
      : [strong(formatScore(metric, accuracy.int8))]),
    tested ? soft(formatScore(metric, accuracy.float32)) : formatScore(metric, accuracy.float32),
    strong(formatMilliseconds(cost.latencyMs)),
    soft(low === null || high === null ? missing : `${plainNumber(low)} – ${plainNumber(high)}`),
    strong(formatBytes(cost.ramBytes)),
    soft(formatPercent(cost.ramBytes / budget.ramBytes, 0)),
    strong(formatBytes(cost.flashBytes)),
    soft(formatPercent(cost.flashBytes / budget.flashBytes, 0)),
    cost.energyUj === null
      ? soft(missing)
      : `${formatMicrojoules(cost.energyUj)}${cost.batteryDays == null ? '' : `, ${formatBattery(cost.batteryDays)}`}`,
    m.recommended === undefined ? '' : { text: 'recommended', tone: 'green' },
  ]
}

function recommendedLines(m: FrontMember, budget: Budget, style: Style): string[] {
  const shares: readonly (readonly [string, number])[] = [
    ['RAM', m.cost.ramBytes / budget.ramBytes],
    ['flash', m.cost.flashBytes / budget.flashBytes],
    ...(budget.latencyMs === undefined ? [] : [['latency', m.cost.latencyMs / budget.latencyMs] as const]),
    ...(budget.energyUj === undefined || m.cost.energyUj === null
      ? []
      : [['energy', m.cost.energyUj / budget.energyUj] as const]),
  ]
  const bars = shares.map(([name, share]) => `${name} ${bar(share, 10, style)} ${formatPercent(share, 0)}`).join('   ')
  return [`  ${style.paint.bold(`#${m.trial}`)}  ${bars}`, `  ${style.paint.dim(printable(m.recommended ?? ''))}`]
}
