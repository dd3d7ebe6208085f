import type { Remedy } from '../device/remedies.ts'
import type { Shortfall } from '../device/what-if.ts'
import { formatResource } from '../report/format.ts'
import { type Style, terminalTable } from '../report/table.ts'
import { layerTable } from '../report/terminal-network.ts'
import type { LayerView } from '../report/view.ts'
import type { Profile, TargetProfile } from '../run/boards/profile.ts'
import { formatBattery, formatBytes, formatCount, formatMicrojoules, formatMilliseconds, formatPercent } from '../util/units.ts'
import { cheapestText } from './battery.ts'

/** Above this many boards, hints and remedies would bury the table. */
const mostInDetail = 4
/** Hints shown per board; `--json` has all. */
const mostHints = 5

/** The table of boards; what would help, where few were asked for; layers, where one was. */
export function profileText(
  profile: Profile,
  layers: readonly LayerView[] | null,
  assumed: readonly string[],
  style: Style,
): string {
  const { model, dtype, targets, smallest, cheapest } = profile
  const inDetail = targets.length <= mostInDetail
  const odd = targets.some((t) => !t.fits)
  return [
    `  ${model}: ${formatCount(profile.macs)} MACs, ${formatCount(profile.params)} parameters, ${targets[0]!.perOp.length} operators${dtype === 'int8' ? '' : `; ${dtype} in the file, priced as int8`}`,
    '',
    ...boardTable(targets, style),
    ...keptFile(targets),
    ...(inDetail ? firmwareLines(targets) : []),
    ...(targets.some((t) => !t.calibrated)
      ? ['', '  * not calibrated: no measurement of this board and runtime stands behind it']
      : []),
    ...(assumed.length > 0 ? ['', ...assumed.map((line) => `  ${line}`)] : []),
    ...(odd
      ? ['', `  ${smallest === null ? 'no listed board holds it' : `smallest listed board that holds it: ${smallest}`}`]
      : []),
    ...(cheapest === undefined ? [] : ['', `  cheapest board that holds it: ${cheapestText(cheapest)}`]),
    ...(inDetail ? targets.flatMap((t) => detail(t, style)) : ['', '  hints and remedies: name up to four boards with --device']),
    ...(inDetail ? targets.flatMap((t) => mappingText(t, style)) : []),
    ...(layers ? ['', layerTable({ layers }, style)] : []),
  ].join('\n')
}

/** What the rest of a firmware takes, as far as somebody published it: the reserves of the boards are meant for that. */
function firmwareLines(targets: readonly TargetProfile[]): string[] {
  const range = ([low, high]: readonly [number, number]) => `${formatBytes(low)} to ${formatBytes(high)}`
  const known = new Map(targets.flatMap((t) => (t.firmware ? [[t.runtime, t.firmware] as const] : [])))
  return [...known].flatMap(([runtime, { ramBytes, flashBytes, source }]) => [
    '',
    `  not in these figures: the firmware around it. Under ${runtime} ${range(ramBytes)} RAM and ${range(flashBytes)} flash`,
    `  (${source})`,
  ])
}

/** "1.2 mJ (0.9 – 1.5)": the point and its interval in one unit. */
function energyText({ energyUj, energyLowUj: low, energyHighUj: high }: TargetProfile): string {
  const point = formatMicrojoules(energyUj!)
  return low === undefined || high === undefined ? point : `${point} (${formatMicrojoules(low)} – ${formatMicrojoules(high)})`
}

/** A file from elsewhere is larger than the one that we would write of the same network: say which one the flash is of. */
function keptFile(targets: readonly TargetProfile[]): string[] {
  const given = targets.find((t) => t.model.of === 'given file')
  if (!given) return []
  const others = targets.some((t) => t.model.of === 'constants') ? '; generated code holds its constants alone' : ''
  return ['', `  flash holds the given file as it is, ${formatBytes(given.model.bytes)}, and the runtime${others}`]
}

function boardTable(targets: readonly TargetProfile[], style: Style): string[] {
  const right = (title: string, drop?: number) => ({ title, align: 'right' as const, ...(drop === undefined ? {} : { drop }) })
  const columns = [
    { title: 'board' },
    { title: 'fits' },
    right('latency'),
    right('90 % interval', 2),
    right('RAM'),
    right('flash'),
    right('energy', 1),
    { title: 'dearest operator', drop: 3 },
    ...(targets.some((t) => t.batteryDays !== undefined) ? [{ title: 'battery' }] : []),
  ]
  const rows = targets.map((t) => [
    t.target,
    t.fits
      ? 'yes'
      : {
          text: t.shortfalls
            .map((s) =>
              s.resource === 'int4' || s.resource === 'mapping'
                ? 'cannot run it'
                : s.have > 0
                  ? `${s.resource} ${formatPercent(s.over, 0)} over`
                  : `no ${s.resource} left`,
            )
            .join(', '),
          tone: 'red' as const,
        },
    formatMilliseconds(t.latencyMs),
    `${formatMilliseconds(t.latencyLowMs)} – ${formatMilliseconds(t.latencyHighMs)}${t.calibrated ? '' : ' *'}`,
    formatBytes(t.ramBytes),
    formatBytes(t.flashBytes),
    t.energyUj === null ? '–' : energyText(t),
    `${t.dearest.kind} ${t.dearest.index} (${formatPercent(t.dearest.share, 0)})`,
    ...(t.batteryDays === undefined ? [] : [formatBattery(t.batteryDays)]),
  ])
  return terminalTable(columns, rows, style)
}

/** Why it does not fit and what would mend it; what would make it faster. */
function detail({ target, runtime, latencyMs, shortfalls, remedies, hints }: TargetProfile, style: Style): string[] {
  const lines = [
    ...shortfalls.map((s) => `${style.paint.red('short ')} ${shortText(s, runtime)}`),
    ...remedies.map((r) => `${style.paint.cyan('mend  ')} ${remedyText(r)}`),
    ...(shortfalls.length > 0 && remedies.length === 0
      ? [`${style.paint.cyan('mend  ')} no single change here helps: take a larger board or a smaller network`]
      : []),
    ...hints.slice(0, mostHints).map((h) => `${style.paint.green('hint  ')} ${savedText(h, latencyMs)} less: ${h.change}`),
  ]
  return lines.length === 0 ? [] : ['', `  ${style.paint.bold(target)}`, ...lines.map((line) => `  ${line}`)]
}

/** What of the network the accelerator takes, what it leaves and why, and the memory of either kind. */
function mappingText({ target, accelerator, regions = [], perOp, shortfalls }: TargetProfile, style: Style): string[] {
  if (accelerator === undefined) return []
  const { name, compiler, mapped, operators, reasons } = accelerator
  const of = (ops: readonly number[]) => (ops.length === 0 ? '' : `${ops.map((i) => `${perOp[i]!.kind} ${i}`).join(', ')}: `)
  const left = shortfalls.some((s) => s.resource === 'mapping') ? ` (${compiler} refuses the network as it is)` : ''
  return [
    '',
    `  ${style.paint.bold(target)}  ${name}: ${mapped} of ${operators} operators map${left}`,
    ...reasons.map(
      ({ on, why, ops }) => `  ${on === 'cpu' ? style.paint.yellow('cpu   ') : style.paint.cyan('slower')} ${of(ops)}${why}`,
    ),
    `  ${style.paint.dim('memory')} ${regions.map((r) => `${r.name}: ${formatBytes(r.usedBytes)} of ${formatBytes(r.bytes)} (${r.holds})`).join('; ')}`,
    `  ${style.paint.dim('note  ')} from published rules; ${compiler} has the last word, and times are coarse`,
  ]
}

const savedText = ({ kind, savedMs, savedRamBytes }: TargetProfile['hints'][number], latencyMs: number): string =>
  kind === 'order'
    ? `${formatBytes(savedRamBytes)} of RAM`
    : `${formatMilliseconds(savedMs)} (${formatPercent(savedMs / latencyMs, 0)})`

function shortText({ resource, need, have, clockMhz }: Shortfall, runtime: string): string {
  if (resource === 'mapping') return `${formatResource.mapping(need)} that do not map, for which the compiler refuses the network`
  if (resource === 'int4') return `${formatResource.int4(need)} with weights in 4 bits, which ${runtime} cannot run`
  const clock = clockMhz === undefined ? '' : ` (at ${Math.ceil(clockMhz)} MHz it would meet it)`
  return `${resource}: ${formatResource[resource](need)} needed, ${formatResource[resource](have)} ${resource === 'ram' || resource === 'flash' ? 'free' : 'allowed'}${clock}`
}

/** A remedy as a sentence. */
function remedyText(r: Remedy): string {
  const cost = `${formatMilliseconds(r.cost.latencyMs)}, ${formatBytes(r.cost.ramBytes)} RAM, ${formatBytes(r.cost.flashBytes)} flash`
  switch (r.kind) {
    case 'reserve':
      return `it fits the bare part if the rest of the firmware takes at most ${formatBytes(r.reserveRamBytes)} RAM and ${formatBytes(r.reserveFlashBytes)} flash (--reserve-ram ${r.reserveRamBytes}B --reserve-flash ${r.reserveFlashBytes}B)`
    case 'runtime':
      return `--device ${r.target}: ${cost}`
    case 'width':
      return `all widths x ${r.factor.toFixed(2)}: ${cost}`
    case 'input':
      return `an input of ${r.side}x${r.side}: ${cost}`
  }
}
