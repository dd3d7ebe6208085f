import { dot, fitNonNegative, relative } from '../../src/device/nnls.ts'
import { termNames } from '../../src/device/terms.ts'
import { countGraph } from '../../src/graph/count.ts'
import { type Errors, leaveOut, macsOnly, macsPerKind, ours, type Summary, summarise } from './evaluate.ts'
import { floorsPage, hasFloor } from './floors.ts'
import type { Formula } from './formulas.ts'
import { type HiddenCoverage, hiddenCoverage } from './hidden.ts'
import { targetKey } from './hierarchy.ts'
import { intervals } from './intervals.ts'
import { type ModelRow, type OpRow, opRows } from './rows.ts'

export type TargetScore = {
  readonly target: string
  readonly models: number
  readonly families: number
  readonly leaveModelOut: Summary
  readonly leaveFamilyOut: Summary | null
  readonly leaveDeviceOut: Summary | null
  readonly macsOnly: Summary | null
  readonly macsPerKind: Summary | null
  /** share of left-out networks inside the 90 % interval */
  readonly coverage: number
}
export type OperatorScore = {
  readonly board: string
  readonly kind: string
  readonly ours: Summary
  readonly leaveShapeOut: Summary
  readonly macsOnly: Summary
}
export type Scorecard = {
  readonly schemaVersion: 1
  readonly metric: string
  readonly targets: readonly TargetScore[]
  readonly pooled: {
    readonly leaveModelOut: Summary
    readonly leaveFamilyOut: Summary
    readonly leaveDeviceOut: Summary
    readonly macsOnly: Summary
    readonly macsPerKind: Summary
  }
  /** medians over targets of the mean error; `boards` counts those with other boards to predict from */
  readonly medians: { readonly floorTargets: number; readonly leaveDeviceOut: number; readonly boards: number }
  /** share of left-out measurements inside the 90 % interval: networks on calibrated targets, and whole boards that were hidden */
  readonly intervalCoverage: number
  readonly hiddenCoverage: HiddenCoverage
  readonly operators: readonly OperatorScore[]
}

/** Every figure is an error on networks, families, boards or shapes that the fit did not see. */
export function scorecard(rows: readonly ModelRow[], formulas: Readonly<Record<string, Formula>>, byModel: Errors): Scorecard {
  const byFamily = leaveOut(rows, (r) => r.family, ours(formulas))
  const byDevice = leaveOut(rows, (r) => r.device, ours(formulas))
  const macs = leaveOut(rows, (r) => r.model, macsOnly)
  const kinds = leaveOut(rows, (r) => r.model, macsPerKind)
  const spread = intervals(rows, byModel)
  const score = (errors: Errors, keep: (r: ModelRow) => boolean): Summary | null => {
    const kept = errors.filter((e, i) => e !== undefined && !rows[i]!.part && keep(rows[i]!))
    return kept.length > 0 ? summarise(kept) : null
  }
  const whole = rows.filter((r) => !r.part)
  const targets = [...new Set(whole.map(targetKey))].sort().flatMap((target): TargetScore[] => {
    const mine = (r: ModelRow): boolean => targetKey(r) === target
    const leaveModelOut = score(byModel, mine)
    if (!leaveModelOut) return []
    return [
      {
        target,
        models: new Set(whole.filter(mine).map((r) => r.model)).size,
        families: new Set(whole.filter(mine).map((r) => r.family)).size,
        leaveModelOut,
        leaveFamilyOut: score(byFamily, mine),
        leaveDeviceOut: score(byDevice, mine),
        macsOnly: score(macs, mine),
        macsPerKind: score(kinds, mine),
        coverage: spread.coverageOf(target),
      },
    ]
  })
  const arm = (r: ModelRow): boolean => r.core.startsWith('cortex')
  return {
    schemaVersion: 1,
    metric: 'absolute relative error of latency, int8, on rows the fit did not see',
    targets,
    pooled: {
      leaveModelOut: score(byModel, arm)!,
      leaveFamilyOut: score(byFamily, arm)!,
      leaveDeviceOut: score(byDevice, arm)!,
      macsOnly: score(macs, arm)!,
      macsPerKind: score(kinds, arm)!,
    },
    medians: {
      floorTargets: median(targets.filter(hasFloor).map((t) => t.leaveModelOut.mape)),
      leaveDeviceOut: median(targets.flatMap((t) => t.leaveDeviceOut?.mape ?? [])),
      boards: targets.filter((t) => t.leaveDeviceOut).length,
    },
    intervalCoverage: spread.coverage,
    hiddenCoverage: hiddenCoverage(rows, formulas, byModel),
    operators: ['STM32F446', 'STM32L552', 'nRF52832'].flatMap(operatorScores),
  }
}

function operatorScores(board: string): OperatorScore[] {
  const all = opRows(board, 'TFLM+CMSIS-NN')
  return (['conv2d', 'pointwise', 'add'] as const).map((kind) => {
    const rows = all.filter((r) => r.kind === kind)
    const fold = (r: OpRow): number => rows.indexOf(r) % 10
    const ownTerms = (r: OpRow): ArrayLike<number> => r.terms
    const macs = (r: OpRow): ArrayLike<number> => [countGraph(r.graph).macs || r.terms[termNames.indexOf('add.element')]!, 1]
    return {
      board,
      kind,
      ours: summarise(crossValidate(rows, fold, ownTerms)),
      leaveShapeOut: summarise(
        crossValidate(rows, kind === 'conv2d' ? (r) => r.shape : (r) => r.graph.shapes[0]!.join(), ownTerms),
      ),
      macsOnly: summarise(crossValidate(rows, fold, macs)),
    }
  })
}

function crossValidate(rows: readonly OpRow[], group: (r: OpRow) => unknown, columns: (r: OpRow) => ArrayLike<number>): Errors {
  const errors: number[] = rows.map(() => 0)
  const groups = rows.map(group)
  for (const left of new Set(groups)) {
    const rest = rows.filter((_, i) => groups[i] !== left)
    const width = columns(rows[0]!).length
    const b = fitNonNegative(
      rest.map((r) => relative(columns(r), r.cycles)),
      new Float64Array(width),
      new Float64Array(width).fill(1e-9),
    )
    rows.forEach((r, i) => {
      if (groups[i] === left) errors[i] = dot(columns(r), b) / r.cycles - 1
    })
  }
  return errors
}

export const percent = (x: number): string => `${(100 * x).toFixed(1)} %`

const median = (x: readonly number[]): number => [...x].sort((a, b) => a - b)[x.length >> 1]!
const short = (s: Summary | null): string => (s ? percent(s.mape) : '-')
const full = (s: Summary): string =>
  `${percent(s.mape)} | ${percent(s.median)} | ${percent(s.p90)} | ${percent(s.within10)} | ${percent(s.within20)}`

/** The scorecard as a page. */
export function scorecardPage(card: Scorecard): string {
  const many = card.targets.filter((t) => t.models >= 4)
  const few = card.targets.filter((t) => t.models < 4)
  const lines = [
    '# How good the latency predictions are',
    '',
    'Written by `npx tsx bench/fit-predictors.ts` from published measurements (named at the end). All figures are relative errors of int8',
    'latency on rows the fit did not see. *Left out* says what was hidden: a network (every row of it, on every board), a family of networks,',
    'a board. *Inside* is the share of left-out measurements in the 90 % interval. MACs only and MACs per kind are refitted per target with the network',
    'left out, as most tools do.',
    '',
    '## Targets with at least four measured networks',
    '',
    '| target | rows | networks | families | MAPE | median | p90 | within 10 % | within 20 % | inside | family left out | board left out | MACs only | MACs per kind |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...many.map(
      (t) =>
        `| ${t.target} | ${t.leaveModelOut.rows} | ${t.models} | ${t.families} | ${full(t.leaveModelOut)} | ${percent(t.coverage)} | ${short(t.leaveFamilyOut)} | ${short(t.leaveDeviceOut)} | ${short(t.macsOnly)} | ${short(t.macsPerKind)} |`,
    ),
    '',
    '## Targets with one to three',
    '',
    'With so few networks leaving one out leaves little or nothing of the target; the prediction then comes from its core.',
    '',
    '| target | rows | networks | network left out | inside | board left out | MACs only |',
    '|---|---|---|---|---|---|---|',
    ...few.map(
      (t) =>
        `| ${t.target} | ${t.leaveModelOut.rows} | ${t.models} | ${short(t.leaveModelOut)} | ${percent(t.coverage)} | ${short(t.leaveDeviceOut)} | ${short(t.macsOnly)} |`,
    ),
    '',
    '## All Cortex-M targets together',
    '',
    '| | rows | MAPE | median | p90 | within 10 % | within 20 % |',
    '|---|---|---|---|---|---|---|',
    ...(
      [
        ['network left out', card.pooled.leaveModelOut],
        ['family left out', card.pooled.leaveFamilyOut],
        ['board left out', card.pooled.leaveDeviceOut],
        ['MACs only, network left out', card.pooled.macsOnly],
        ['MACs per kind, network left out', card.pooled.macsPerKind],
      ] as const
    ).map(([name, s]) => `| ${name} | ${s.rows} | ${full(s)} |`),
    '',
    `The 90 % intervals of calibrated targets hold ${percent(card.intervalCoverage)} of the left-out measurements (all cores; width chosen without the row in question).`,
    `Where a whole board is hidden, with its rows, from fit and interval, they hold ${percent(card.hiddenCoverage.rows)} of its measurements (mean over targets ${percent(card.hiddenCoverage.targets)}).`,
    'What a few measurements of a hidden board are worth: [devices.md](devices.md), `npm run bench:calibrate`.',
    '',
    ...floorsPage(card),
    '## Single operators (TFLM + CMSIS-NN, ten-fold)',
    '',
    '| board | operator | rows | MAPE | p90 | shape left out | MACs only |',
    '|---|---|---|---|---|---|---|',
    ...card.operators.map(
      (o) =>
        `| ${o.board} | ${o.kind} | ${o.ours.rows} | ${percent(o.ours.mape)} | ${percent(o.ours.p90)} | ${percent(o.leaveShapeOut.mape)} | ${percent(o.macsOnly.mape)} |`,
    ),
    '',
    '## What the figures rest on',
    '',
    ...sources.map((s) => `- ${s}`),
    '',
  ]
  return lines.join('\n')
}

/** Only fitted coefficients are part of this project; the records stay with their authors. */
const sources = [
  'mlcommons/tiny_results v0.5 to v1.3 and mlcommons/tiny (Apache-2.0): four reference networks on many boards. Visual wake words of rounds from 1.1 on is left out: several submitters pruned it.',
  'stm32ai-modelzoo v1.0 to v4 and stm32ai-nota: X-CUBE-AI 7.3 to 10 and ST Edge AI Core 3 and 4 on STM32H747, F769, U585.',
  'mit-han-lab/tinyengine (MIT): TinyEngine, TFLM, CMSIS-NN and X-CUBE-AI on STM32H743; the clock is not stated, 480 MHz assumed.',
  'Black3rror/EdgeMark (MIT): small dense and convolutional networks on STM32L4R5 and RX65N. On RX65N two networks of one kind differ eightfold per MAC; that target is not trustworthy.',
  'tk-king/MicroNas fa6b6d2 (no licence: facts used for fitting, records not shipped): 6,540 single operators on STM32F446, STM32L552 and nRF52832.',
  'espressif/esp-nn, SamsiGg thesis, raspberrypi/pico-tflmicro, SiliconLabs/mltk, Samsung/ONE issue 7598: few networks each.',
  'Own instruction counts under QEMU of CMSIS-NN 7.0, TFLM reference kernels and the C that tinyfront generates. QEMU has no caches or wait states: cycles per instruction come from the boards above.',
  'Left out: the reference kernels of 2020 on STM32L4R5 and of STM32F413 and MCXN947, which contradict their neighbours by factors of three and more.',
]
