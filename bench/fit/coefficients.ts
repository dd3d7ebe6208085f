import { listDevices, listRuntimes } from '../../src/device/load.ts'
import type { Coefficients, Device, ScaleRow } from '../../src/device/schema.ts'
import { variantOf } from '../../src/device/target.ts'
import { termGroups, termNames } from '../../src/device/terms.ts'
import { boardIntervals } from './boards.ts'
import { designOf } from './core-limits.ts'
import type { Context } from './effects.ts'
import { contextOf } from './evaluate.ts'
import type { Evidence } from './evidence.ts'
import { fewModels, type Interval, intervals } from './intervals.ts'
import type { Fit } from './model.ts'
import { type ModelRow, targetKey } from './rows.ts'

const round = (x: number): number => Number(x.toPrecision(4))
const rounded = ({ low, high }: Interval): Interval => ({ low: round(low), high: round(high) })

/** `devices/coefficients.json`: base formulas, then factors from the most to the least specific. */
export function coefficients(evidence: Evidence): Coefficients {
  const { rows, formulas, fit } = evidence
  const spread = intervals(rows, evidence.byModel)
  const unseen = boardIntervals(evidence.hidden, fit, referenceNetworks(rows))
  const scalesOf = (context: Context): ScaleRow['scales'] => {
    const scales = fit.scales(context)
    return Object.fromEntries(termGroups.map((g, i) => [g, round(scales[i]!)]))
  }
  // of a board with a network or two, the fit says what it does not know: kinds of operators that were never timed there
  const intervalOf = (context: Context, own: readonly ModelRow[]): Interval => {
    if (own.length === 0) return unseen(context)
    const leftOut = spread.of(targetKey(own[0]!))
    const known = unseen(context)
    return modelsOf(own) < fewModels && known.high > leftOut.high ? known : leftOut
  }
  const row = (context: Context, source: string, own: readonly ModelRow[] = []): ScaleRow => ({
    ...(context.device === undefined ? {} : { device: context.device }),
    ...(context.device !== undefined || context.core === '' ? {} : { core: context.core }),
    runtime: context.runtime,
    formula: context.formula,
    scales: scalesOf(context),
    ...rounded(intervalOf(context, own)),
    rows: own.length,
    models: modelsOf(own),
    ...(own.length > 0 ? { error: round(inSampleError(own, fit)) } : {}),
    source,
  })
  const builds = listBuilds()
  const timed = builds.flatMap(({ device, context }) => {
    const own = rows.filter((r) => !r.part && targetKey(r) === `${device.id}:${context.runtime}`)
    const withDevice = { ...context, device: device.id }
    if (own.length > 0)
      return [row(withDevice, `${own.length} published timings on this device, and those of its relatives`, own)]
    const known = rows.some((r) => designOf(r.device) === designOf(device.id))
    return known
      ? [row(withDevice, 'timings of other runtimes on this device or its sisters, and of this one on other devices')]
      : []
  })
  const cores = distinct(builds.map((b) => b.context))
  const anyCore = distinct(cores.map((c): Context => ({ ...c, core: '' })))
  const anyRuntime = distinct([...cores, ...anyCore].map((c): Context => ({ ...c, runtime: '*' })))
  const measuredOperators = operatorBoards(spread.pooled, unseen)
  const replaced = new Set(measuredOperators.map((r) => `${r.device} ${r.runtime}`))
  const scales = [
    ...timed.filter((r) => !replaced.has(`${r.device} ${r.runtime}`)),
    ...measuredOperators,
    ...cores.map((c) => row(c, 'timings on other devices with this core or these kernels')),
    ...anyCore.map((c) => row(c, 'timings of this runtime on other cores')),
    ...anyRuntime.map((c) => row(c, 'instruction counts of the kernels; no timing of this runtime')),
  ]
  return {
    $schema: './coefficients.schema.json',
    notes:
      'Written by `npx tsx bench/fit-predictors.ts`; do not edit. Prices in cycles per term (src/device/terms.ts); low and high: 90 % interval of measured / predicted.',
    formulas: Object.fromEntries(
      Object.entries(formulas).map(([name, { prices, source }]) => [
        name,
        {
          unit: 'cycles',
          source,
          terms: Object.fromEntries(termNames.flatMap((t, i) => (prices[i]! > 0 ? [[t, round(prices[i]!)]] : []))),
        },
      ]),
    ),
    scales: scales.sort((a, b) => (order(a) < order(b) ? -1 : 1)),
  }
}

const order = (s: ScaleRow): string => `${s.runtime} ${s.device ? 0 : s.core ? 1 : 2} ${s.device ?? s.core ?? ''} ${s.formula}`

const modelsOf = (own: readonly ModelRow[]): number => new Set(own.map((r) => r.model)).size

/** Mean size of the errors on a board's own rows. */
function inSampleError(own: readonly ModelRow[], fit: Fit): number {
  const errors = own.map((r) => Math.abs(fit.cycles(r.terms, contextOf(r)) / r.cycles - 1))
  return errors.reduce((a, b) => a + b, 0) / errors.length
}

/** What intervals are averaged over: the four networks of MLPerf Tiny, which differ in what they are made of. */
const referenceNetworks = (rows: readonly ModelRow[]): Float64Array[] => [
  ...new Map(rows.filter((r) => /^mlperf__/.test(r.model)).map((r) => [r.model, r.terms])).values(),
]

type Build = { readonly device: Device; readonly context: Context }

/** Every listed board with every runtime that runs on it. */
function listBuilds(): Build[] {
  const runtimes = listRuntimes().filter((r) => r.variants.every((v) => v.accelerator === undefined)) // the rest of an accelerator's network runs in a runtime of this list
  return listDevices().flatMap((device) =>
    runtimes.flatMap(({ id, ...file }) => {
      const variant = variantOf(file, device)
      return variant ? [{ device, context: { core: device.core, runtime: id, formula: variant.formula } }] : []
    }),
  )
}

const distinct = (contexts: readonly Context[]): Context[] => [
  ...new Map(contexts.map((c) => [`${c.runtime} ${c.core} ${c.formula}`, c])).values(),
]

/** Boards measured operator by operator: their formulas are cycles of the board itself. */
function operatorBoards(pooled: Interval, unseen: (context: Context) => Interval): ScaleRow[] {
  const row = (device: string, formula: string, rows: number, source: string): ScaleRow => ({
    device,
    runtime: 'tflm-cmsis-nn',
    formula,
    scales: {},
    ...rounded(rows > 0 ? pooled : unseen({ device, core: 'cortex-m4', runtime: 'tflm-cmsis-nn', formula })),
    rows,
    models: 0,
    source,
  })
  const own = 'operator timings of this board (MicroNas); depthwise and dense layers from instruction counts'
  return [
    row('stm32f446', 'cmsis-nn-dsp', 1138, own),
    row('stm32l552', 'cmsis-nn-dsp.stm32l552', 2164, own),
    row('nrf52832', 'cmsis-nn-dsp.nrf52832', 3350, own),
    row('nrf52840', 'cmsis-nn-dsp.nrf52832', 0, 'operator timings of nRF52832: same core, clock and kind of flash cache'),
  ]
}
