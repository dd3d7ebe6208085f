/**
 * The picture in the README: the fronts of a study against latency and against flash, one colour and shape for each board.
 *
 *   npm run demo && npx tinyfront front demo --json | npx tsx bench/fronts-picture.ts > docs/fronts.svg
 */
import { json } from 'node:stream/consumers'
import type { FrontDocument } from '../src/report/front-json.ts'
import { type Markup, markup, raw } from '../src/report/markup.ts'
import { marker } from '../src/report/svg/marks.ts'
import { scatter } from '../src/report/svg/scatter.ts'
import { theme } from '../src/report/theme.ts'

type Panel = { readonly key: 'latencyMs' | 'flashBytes'; readonly label: string; readonly unit: number }
const panels: readonly Panel[] = [
  { key: 'latencyMs', label: 'latency (ms, predicted, with its 90 % interval)', unit: 1 },
  { key: 'flashBytes', label: 'flash (kB, network and runtime)', unit: 1e3 },
]

/** What a picture needs of the report's style sheet: colours of both themes, and the marks. */
const style = theme
  .split('\n')
  .filter((line) => /^(:root|--|@media \(prefers|svg text|\.rules|\.step|\.m\{|\.m\.c)/.test(line))
  .join('\n')

function picture({ study, metric, targets }: FrontDocument): Markup {
  const drawn = panels.map(({ key, label, unit }, i) => {
    const series = targets.map((t, board) => ({
      series: board,
      points: t.front.map(({ trial, accuracy, cost }) => ({
        x: cost[key] / unit,
        y: 100 * accuracy.int8!,
        ...(key === 'latencyMs' && { xLow: cost.latencyLowMs, xHigh: cost.latencyHighMs }),
        tip: () => `${t.target}, trial ${trial}`,
      })),
    }))
    const title = `${metric.name} against ${key}: ${study}`
    const yLabel = `${metric.name} of the int8 network on ${metric.split} (%)`
    const { svg } = scatter(series, [], { title, xLabel: label, yLabel, better: 'up' })
    return markup`<svg x="${10 + 410 * i}" y="34" width="400" height="290">${svg}</svg>`
  })
  const legend = targets.map(
    ({ target }, i) => markup`${marker(i, 60 + 110 * i, 20)}<text class="label" x="${70 + 110 * i}" y="24">${target}</text>`,
  )
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 830 330" font-family="system-ui,sans-serif" role="img">
<title>Pareto fronts of the study ${study}</title>
<style>${raw(style)}</style>
<rect width="830" height="330" rx="8" fill="var(--card)"/>
${legend}${drawn}</svg>
`
}

process.stdout.write(picture((await json(process.stdin)) as FrontDocument).markup)
