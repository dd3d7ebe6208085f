import { readFileSync } from 'node:fs'
import { terminalTable } from '../../report/table.ts'
import { readTrack } from '../../run/after/read-track.ts'
import { type StreamAsked, type Streamed, streamTrial } from '../../run/after/stream.ts'
import { readStudy } from '../../run/record/open.ts'
import { exitCodes } from '../../util/errors.ts'
import { formatPercent } from '../../util/units.ts'
import type { Options, Run } from '../options.ts'
import { print, printJson, tableStyle } from '../output.ts'

/** `tinyfront stream STUDY TRIAL FILE`: detections as firmware would make them. TRIAL may be `recommended`. */
export const runStream: Run = async ([name = '', trial, file = ''], options) => {
  const store = await readStudy(options.results, name)
  const { classes } = store.header.data
  const track = options.track === undefined ? undefined : readTrack(readFileSync(options.track, 'utf8'), options.track, classes)
  const found = await streamTrial(
    store,
    trial === 'recommended' ? undefined : trial,
    askedOf(file, options, track),
    options.results,
  )
  if (options.json) printJson({ schemaVersion: 1, study: store.study.name, file, ...found })
  else show(found, options)
  return exitCodes.ok
}

const askedOf = (file: string, options: Options, track: StreamAsked['track']): StreamAsked => ({
  ...{ file, every: options.every },
  settings: {
    ...{ smooth: options.smooth, threshold: Math.round(options.threshold * 255), rest: options.rest },
    ...{ hits: options.hits[0], of: options.hits[1] },
  },
  ...(track ? { track } : {}),
  ...(options.falseAlarms === undefined ? {} : { falseAlarmsPerHour: options.falseAlarms }),
})

function show({ detections, seconds, inferences, settings, score }: Streamed, { every }: Options): void {
  const columns = [{ title: 'at', align: 'right' as const }, { title: 'heard' }]
  const rows = detections.map((d) => [`${d.seconds.toFixed(2)} s`, d.label])
  if (rows.length > 0) print(terminalTable(columns, rows, tableStyle()).join('\n'))
  print(`  ${detections.length} detections in ${seconds.toFixed(1)} s, ${inferences} runs of the network, one in ${every} hops`)
  if (score) {
    const recall = score.events > 0 ? ` (${formatPercent(score.found / score.events)})` : ''
    print(
      `  found ${score.found} of ${score.events}${recall}, ${score.falseAlarms} false alarms: ${score.falseAlarmsPerHour.toFixed(1)} an hour`,
    )
  }
  const { smooth, threshold, hits, of, rest } = settings
  print(
    `  firmware  -DTINYFRONT_SMOOTH=${smooth} -DTINYFRONT_THRESHOLD=${threshold} -DTINYFRONT_HITS=${hits} -DTINYFRONT_HITS_OF=${of} -DTINYFRONT_REST=${rest}`,
  )
}
