import { outlierRule } from '../device/review.ts'
import { type Style, terminalTable } from '../report/table.ts'
import type { CalibrationReport } from '../run/boards/calibrate.ts'
import { formatBytes, formatMilliseconds, formatPercent } from '../util/units.ts'

/** Beyond this factor between measured and predicted, the unit is more likely wrong than the board. */
const unlikely = 20

/** Errors before and after, what looks wrong, what to measure next, and how to use the file. */
export function calibrationText(report: CalibrationReport, style: Style): string {
  const { target, mape, file } = report
  const { device, runtime, latency } = target
  return [
    `  ${style.paint.bold(report.device)}  ${style.paint.dim(`${device.name} · ${device.clockMhz} MHz ${device.core} · ${runtime.name}`)}`,
    '',
    ...rowTable(report, style),
    '',
    `  mean error ${percent(mape.before)} before, ${percent(mape.leftOut)} after (each network predicted from the others)`,
    `  90 % interval of a prediction: ${latency.low.toFixed(2)} to ${latency.high.toFixed(2)} times it`,
    ...warnings(report).map((line) => `  ${style.paint.yellow('note')}  ${line}`),
    '',
    ...nextLines(report),
    `  written  ${file}`,
    `  use it   tinyfront search --device ${specOf(report)} …`,
  ].join('\n')
}

function rowTable({ rows }: CalibrationReport, style: Style): string[] {
  const right = (title: string) => ({ title, align: 'right' as const })
  const arena = rows.some((r) => r.arenaBytes !== null)
  const columns = [
    { title: 'network' },
    right('measured'),
    right('before'),
    right('left out'),
    ...(arena ? [right('arena'), right('predicted')] : []),
    { title: '' },
  ]
  const cells = rows.map((r) => [
    r.model,
    formatMilliseconds(r.latencyMs),
    signed(r.before),
    signed(r.leftOut),
    ...(arena ? [r.arenaBytes === null ? '–' : formatBytes(r.arenaBytes), formatBytes(r.predictedRamBytes)] : []),
    r.outlier ? { text: 'outlier', tone: 'yellow' as const } : '',
  ])
  return terminalTable(columns, cells, style)
}

const percent = (share: number): string => formatPercent(share, share < 0.1 ? 1 : 0)
const signed = (share: number): string => `${share < 0 ? '-' : '+'}${percent(Math.abs(share))}`

function warnings({ rows, mape }: CalibrationReport): string[] {
  const found: string[] = []
  for (const { model, outlier } of rows)
    if (outlier)
      found.push(
        `${model}: outlier (${signed(outlier.leftOut)}; without it the others err by ${percent(outlier.othersWithout)} instead of ${percent(outlier.othersWith)}); measure it again or leave it out`,
      )
  if (found.length > 0) found.push(`rule: ${outlierRule}`)
  const ratios = rows.map((r) => 1 + r.before).sort((a, b) => a - b)
  const middle = ratios[ratios.length >> 1]!
  if (middle > unlikely || middle < 1 / unlikely)
    found.push(
      `measured times are ${middle > 1 ? `1/${Math.round(middle)}` : Math.round(1 / middle)} of the predicted ones: are they in milliseconds, is clockMhz right?`,
    )
  if (mape.leftOut > mape.before)
    found.push('the fit predicts networks that it has not seen no better than before: measure more, and different ones')
  const excess = (r: (typeof rows)[number]): number => (r.arenaBytes ?? 0) - r.predictedRamBytes
  const worst = rows.reduce((a, b) => (excess(b) > excess(a) ? b : a))
  if (excess(worst) > 0)
    found.push(
      `${worst.model} takes ${formatBytes(excess(worst))} more RAM than predicted: add them to reserveRamBytes of the device file`,
    )
  return found
}

function nextLines({ next }: CalibrationReport): string[] {
  const [first, second] = next
  if (!first) return []
  const then = second ? `; then ${second.name} (± ${formatPercent(second.spread, 0)})` : ''
  return [
    `  measure next  ${first.name}: ${first.tells}; its prediction is the least certain (± ${formatPercent(first.spread, 0)})${then}`,
    '                tinyfront calibrate --emit DIR writes it',
  ]
}

/** How a person names the file to other commands. */
const specOf = ({ file, target }: CalibrationReport): string =>
  target.runtime.id === target.device.defaultRuntime ? file : `${file}:${target.runtime.id}`
