import type { Coefficients, ScaleRow } from '../../src/device/schema.ts'
import { termGroups, termNames } from '../../src/device/terms.ts'
import { type BoardSpread, boardSpread } from './boards.ts'
import type { Errors } from './evaluate.ts'
import type { Formula } from './formulas.ts'
import { coreSpeed, formulaName, type Hierarchy, type Level, targetKey } from './hierarchy.ts'
import { type Interval, intervals } from './intervals.ts'
import type { ModelRow } from './rows.ts'

const round = (x: number): number => Number(x.toPrecision(4))
/** Factors on the formula itself: the speed of the core is part of them. */
const byGroup = (level: Level, core: string, formula: string): ScaleRow['scales'] =>
  Object.fromEntries(termGroups.map((g, i) => [g, round(level.scales[i]! * coreSpeed(core, formula))]))
const flat = (factor: number): ScaleRow['scales'] => Object.fromEntries(termGroups.map((g) => [g, round(factor)]))
const rounded = ({ low, high }: Interval): Interval => ({ low: round(low), high: round(high) })

/** `devices/coefficients.json`: base formulas, then factors from the most to the least specific. */
export function coefficients(
  formulas: Readonly<Record<string, Formula>>,
  rows: readonly ModelRow[],
  hierarchy: Hierarchy,
  byModel: Errors,
): Coefficients {
  const spread = intervals(rows, byModel)
  const boards = boardSpread(rows, formulas)
  const scales: ScaleRow[] = []
  for (const [key, level] of hierarchy.targets) {
    const [device, runtime] = key.split(':') as [string, string]
    const measured = rows.filter((r) => targetKey(r) === key)
    scales.push({
      device,
      runtime,
      formula: formulaName(runtime, measured[0]!.core),
      scales: byGroup(level, measured[0]!.core, formulaName(runtime, measured[0]!.core)),
      ...rounded(spread.of(key)),
      rows: measured.length,
      models: level.models,
      source: `${measured.length} published timings of ${level.models} networks on this device`,
    })
  }
  for (const [key, level] of hierarchy.cores) {
    const runtime = key.slice(0, key.indexOf('/'))
    const core = key.slice(runtime.length + 1)
    scales.push({
      core,
      runtime,
      formula: formulaName(runtime, core),
      scales: byGroup(level, core, formulaName(runtime, core)),
      // builds of the reference kernels differ by factors of three: a common core says little about another board's
      ...rounded(boards.of(runtime === 'tflm-reference' ? 'runtime' : 'core', runtime, level.devices.length)),
      rows: level.rows,
      models: level.models,
      source: `${level.rows} published timings on other devices with this core (${level.devices.join(', ')})`,
    })
  }
  scales.push(
    ...operatorBoards(spread.pooled, boards),
    ...transferred(hierarchy, boards),
    ...otherCores(hierarchy, boards),
    ...formulasAlone(formulas, boards),
  )
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

const order = (s: ScaleRow): string => `${s.runtime} ${s.device ? 0 : s.core ? 1 : 2} ${s.device ?? s.core ?? ''}`

/** Boards measured operator by operator: their formulas are cycles of the board itself. */
function operatorBoards(pooled: Interval, boards: BoardSpread): ScaleRow[] {
  const row = (device: string, formula: string, rows: number, source: string): ScaleRow => ({
    device,
    runtime: 'tflm-cmsis-nn',
    formula,
    scales: {},
    ...rounded(rows > 0 ? pooled : boards.of('core', 'tflm-cmsis-nn', 1)),
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

/** Kernels without measurements on a core: as many times faster or slower than elsewhere as CMSIS-NN is. */
function transferred(hierarchy: Hierarchy, boards: BoardSpread): ScaleRow[] {
  const speedOf = (core: string): number => {
    const level = core === 'cortex-m0plus' ? hierarchy.cores.get('tflm-cmsis-nn/cortex-m0plus') : undefined
    return level ? Math.cbrt(level.scales[0]! * level.scales[1]! * level.scales[2]!) : coreSpeed(core, 'own')
  }
  const cores = ['cortex-m4', 'cortex-m7', 'cortex-m33', 'cortex-m55', 'cortex-m85', 'cortex-m0plus']
  const own = cores.map(
    (core): ScaleRow => ({
      core,
      runtime: 'tinyfront-c',
      scales: flat(speedOf(core)),
      ...rounded(boards.of('runtime', 'tflm-cmsis-nn', 1)),
      rows: 0,
      models: 0,
      source: 'instruction counts of our kernels x cycles per instruction of CMSIS-NN on this core; never measured on silicon',
    }),
  )
  // a fit with that board left out has nothing to transfer
  const onM7 = hierarchy.cores.get('tflm-reference/cortex-m7')
  const reference = (onM7 ? cores : [])
    .filter((core) => core !== 'cortex-m7')
    .map((core): ScaleRow => {
      // ARMv6-M needs 1.75 times the instructions of the M4 for these kernels
      const factor = core === 'cortex-m0plus' ? 1.75 * speedOf(core) : speedOf(core)
      return {
        core,
        runtime: 'tflm-reference',
        formula: 'reference',
        scales: byGroup({ ...onM7!, scales: onM7!.scales.map((s) => s * factor) }, '', 'reference'),
        ...rounded(boards.of('runtime', 'tflm-reference', 1)),
        rows: 0,
        models: 0,
        source:
          'timings of STM32H743 x ratio of cores under CMSIS-NN; builds of the reference kernels differ by factors of three',
      }
    })
  return [...own, ...reference]
}

/** Runtimes that were never timed on any board: their formula, at the speed of the core where that is known. */
function formulasAlone(formulas: Readonly<Record<string, Formula>>, boards: BoardSpread): ScaleRow[] {
  const interval = rounded(boards.of('formula', '*', Number.POSITIVE_INFINITY))
  return Object.keys(formulas).flatMap((formula) => {
    const row = (core?: string): ScaleRow => ({
      ...(core === undefined ? {} : { core }),
      runtime: '*',
      formula,
      scales: core === undefined ? {} : flat(coreSpeed(core, formula)),
      ...interval,
      rows: 0,
      models: 0,
      source: 'instruction counts of the kernels; no timing of this runtime',
    })
    const fast = ['cortex-m7', 'cortex-m33', 'cortex-m55', 'cortex-m85'].filter((core) => coreSpeed(core, formula) !== 1)
    return [...fast.map(row), row()]
  })
}

/** Cores on which a runtime was never measured: its shape elsewhere, at the core's speed. */
function otherCores(hierarchy: Hierarchy, boards: BoardSpread): ScaleRow[] {
  return [...hierarchy.runtimes].flatMap(([key, level]) => {
    const [runtime, formula] = key.split('/') as [string, string]
    if (runtime === 'tflm-cmsis-nn' || (runtime === 'tflm-esp-nn' && formula !== 'own')) return []
    const row = (core?: string): ScaleRow => ({
      ...(core === undefined ? {} : { core }),
      runtime,
      formula,
      scales: byGroup(level, core ?? '', formula),
      ...rounded(boards.of('runtime', runtime, level.devices.length)),
      rows: level.rows,
      models: level.models,
      source: `${level.rows} published timings of this runtime on other cores`,
    })
    const arm = ['cortex-m4', 'cortex-m7', 'cortex-m33'].filter((core) => !hierarchy.cores.has(`${runtime}/${core}`))
    return [...(runtime === 'tflm-reference' || runtime === 'tflm-esp-nn' ? [] : arm.map(row)), row()]
  })
}
