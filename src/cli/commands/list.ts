import { builtinNames } from '../../data/builtin/builtins.ts'
import { listDevices, loadTarget } from '../../device/load.ts'
import { type Column, terminalTable } from '../../report/table.ts'
import { type StudySummary, summariseStudy } from '../../run/after/study-state.ts'
import { listSpaces, loadSpace } from '../../space/load.ts'
import { listStudies } from '../../store/study-file.ts'
import { isShare } from '../../task/metric.ts'
import { nearestName, usageError } from '../../util/errors.ts'
import { formatBytes, formatPercent } from '../../util/units.ts'
import type { Options, Run } from '../options.ts'
import { print, printJson, tableStyle } from '../output.ts'

type Listing = {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly string[])[]
  readonly json: unknown
  readonly more?: object
}

function studyRow({ study, state, known }: StudySummary): string[] {
  if (!known) return [study, '–', '–', '–', '–', '–', state]
  const { createdAt, data, targets, trials, best, bestTest, metric, fake } = known
  const text = (score: number) => (isShare(metric.kind) ? formatPercent(score) : score.toPrecision(4))
  const score = bestTest !== null ? `${text(bestTest)} on test` : best === null ? '–' : text(best)
  return [study, localTime(createdAt), data, targets.join(', '), String(trials), `${score}${fake ? ' (fake)' : ''}`, state]
}

/** "2026-12-01 04:31", by the clock of whoever looks. */
function localTime(iso: string): string {
  const at = new Date(iso)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`
}

const lists: Record<string, (options: Options) => Listing | Promise<Listing>> = {
  devices: () => {
    const targets = listDevices().map((d) => ({ d, target: loadTarget(d.id) }))
    return {
      columns: [
        { title: 'device' },
        { title: 'core' },
        { title: 'MHz', align: 'right' },
        { title: 'RAM', align: 'right' },
        { title: 'flash', align: 'right' },
        { title: 'runtime' },
        { title: 'calibrated' },
      ],
      rows: targets.map(({ d, target }) => [
        d.id,
        d.core,
        String(d.clockMhz),
        formatBytes(d.ramBytes),
        formatBytes(d.flashBytes),
        d.defaultRuntime,
        target.latency.calibrated ? `${target.latency.rows} rows` : 'no',
      ]),
      json: targets.map(({ d, target }) => ({ ...d, calibrated: target.latency.calibrated, rows: target.latency.rows })),
    }
  },
  spaces: () => {
    const spaces = listSpaces().map(loadSpace)
    return {
      columns: [{ title: 'space' }, { title: 'description' }],
      rows: spaces.map((s) => [s.name, s.description]),
      json: spaces,
    }
  },
  studies: async ({ results }) => {
    const studies = await Promise.all(listStudies(results).map((name) => summariseStudy(results, name)))
    const fake = studies.filter((s) => s.known?.fake).map((s) => s.study)
    const latest = [...studies].sort((a, b) => ((a.known?.createdAt ?? '') < (b.known?.createdAt ?? '') ? 1 : -1))
    return {
      columns: [
        { title: 'study' },
        { title: 'date' },
        { title: 'data' },
        { title: 'boards' },
        { title: 'trials', align: 'right' },
        { title: 'best', align: 'right' },
        { title: 'state' },
      ],
      rows: latest.map(studyRow),
      json: studies.map((s) => s.study),
      more: { ...(fake.length > 0 ? { fake } : {}), details: studies.map(({ known, ...s }) => ({ ...s, ...known })) },
    }
  },
  data: () => ({
    columns: [{ title: 'data' }],
    rows: builtinNames.map((n) => [`builtin:${n}`]),
    json: builtinNames.map((n) => `builtin:${n}`),
  }),
}

export const listNames = Object.keys(lists)

/** `tinyfront list devices|spaces|studies|data` */
export const runList: Run = async ([what = ''], options) => {
  const make = lists[what]
  if (!make) {
    const near = nearestName(what, listNames)
    throw usageError(`there is no list of "${what}"`, near ? `did you mean "${near}"?` : `choose one of ${listNames.join(', ')}`)
  }
  const { columns, rows, json, more } = await make(options)
  if (options.json) printJson({ schemaVersion: 1, [what]: json, ...more })
  else print(terminalTable(columns, rows, tableStyle()).join('\n'))
  return 0
}
