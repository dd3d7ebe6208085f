import { join } from 'node:path'
import { builtinNames } from '../../data/builtin/builtins.ts'
import { listDevices, loadTarget } from '../../device/load.ts'
import { fakeScores } from '../../report/format.ts'
import { type Column, terminalTable } from '../../report/table.ts'
import { listSpaces, loadSpace } from '../../space/load.ts'
import { kernelsOf } from '../../store/kernels-note.ts'
import { engineOf, listStudies } from '../../store/study-file.ts'
import { nearestName, usageError } from '../../util/errors.ts'
import { formatBytes } from '../../util/units.ts'
import type { Options, Run } from '../options.ts'
import { print, printJson, tableStyle } from '../output.ts'

type Listing = {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly string[])[]
  readonly json: unknown
  readonly more?: object
}

const lists: Record<string, (options: Options) => Listing> = {
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
  studies: (options) => {
    const names = listStudies(options.results)
    const fake = names.filter((n) => engineOf(join(options.results, n)) === 'fake')
    const rows = names.map((n) => [n, fake.includes(n) ? fakeScores : kernelsOf(join(options.results, n)).join(', ')])
    return {
      columns: [{ title: 'study' }, { title: 'kernels' }],
      rows,
      json: names,
      ...(fake.length > 0 ? { more: { fake } } : {}),
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
  const { columns, rows, json, more } = make(options)
  if (options.json) printJson({ schemaVersion: 1, [what]: json, ...more })
  else print(terminalTable(columns, rows, tableStyle()).join('\n'))
  return 0
}
