import { dot, fitNonNegative, relative } from '../../src/device/nnls.ts'
import { termNames } from '../../src/device/terms.ts'
import { countGraph } from '../../src/graph/count.ts'
import { median } from '../median.ts'
import { type Errors, inSample, leaveOut, macsOnly, macsPerKind, ours, type Summary, summarise } from './evaluate.ts'
import type { Evidence } from './evidence.ts'
import { type HiddenCoverage, hiddenCoverage } from './hidden.ts'
import { intervals } from './intervals.ts'
import { type ModelRow, type OpRow, opRows, targetKey } from './rows.ts'

export type TargetScore = {
  readonly target: string
  readonly models: number
  readonly families: number
  /** on the rows that the fit has seen */
  readonly inSample: Summary
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
  readonly schemaVersion: 2
  readonly metric: string
  readonly targets: readonly TargetScore[]
  readonly pooled: {
    readonly inSample: Summary
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

/** Every figure but those in sample is an error on networks, families, boards or shapes that the fit did not see. */
export function scorecard(evidence: Evidence): Scorecard {
  const { rows, formulas, fit, byModel, byDevice } = evidence
  const seen = inSample(rows, fit)
  const byFamily = leaveOut(rows, (r) => r.family, ours(formulas, fit))
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
        inSample: score(seen, mine)!,
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
    schemaVersion: 2,
    metric: 'absolute relative error of latency, int8, on rows the fit did not see',
    targets,
    pooled: {
      inSample: score(seen, arm)!,
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
    hiddenCoverage: hiddenCoverage(evidence),
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

/** Cortex-M targets with enough networks, under runtimes whose kernels are known: the ones that must be predicted within 12 %. */
export const hasFloor = (t: TargetScore): boolean =>
  t.models >= 8 &&
  /^(apollo|efr32|imxrt|nrf|rp2|samd|stm32)/.test(t.target) &&
  /tflm-cmsis-nn|tflm-reference|x-cube-ai|st-edge-ai|tinyengine/.test(t.target)
