import { listRuntimes, loadDevice } from '../../src/device/load.ts'
import { price } from '../../src/device/predict.ts'
import type { Target } from '../../src/device/schema.ts'
import { assembleTarget } from '../../src/device/target.ts'
import { coefficients } from './coefficients.ts'
import type { Errors } from './evaluate.ts'
import type { Formula } from './formulas.ts'
import { fitHierarchy, targetKey } from './hierarchy.ts'
import type { ModelRow } from './rows.ts'

/**
 * A board as someone meets it who has its data sheet and nothing else: every runtime on it, with coefficients fitted without any row of it. `byModel` are
 * the leave-one-model-out errors of all rows; they only set the intervals of the other boards.
 */
export function hideBoard(
  device: string,
  rows: readonly ModelRow[],
  formulas: Readonly<Record<string, Formula>>,
  byModel: Errors,
): (runtime: string) => Target {
  const rest = rows.filter((r) => r.device !== device)
  const errors = byModel.filter((_, i) => rows[i]!.device !== device)
  const fitted = coefficients(formulas, rest, fitHierarchy(rest, formulas), errors)
  return (runtime) => {
    const { id: _, ...file } = listRuntimes().find((r) => r.id === runtime)!
    return assembleTarget(loadDevice(device), runtime, file, fitted)
  }
}

/** Share of the measurements of hidden boards that lie inside the 90 % interval: of all rows, and the mean of the boards' shares. */
export type HiddenCoverage = { readonly rows: number; readonly targets: number }

/** Every board hidden in turn. */
export function hiddenCoverage(
  rows: readonly ModelRow[],
  formulas: Readonly<Record<string, Formula>>,
  byModel: Errors,
): HiddenCoverage {
  const whole = rows.filter((r) => !r.part)
  const shares = [...new Set(whole.map((r) => r.device))].flatMap((device) => {
    const targetOf = hideBoard(device, rows, formulas, byModel)
    const mine = whole.filter((r) => r.device === device)
    return [...new Set(mine.map(targetKey))].map((key) => {
      const own = mine.filter((r) => targetKey(r) === key)
      const target = targetOf(own[0]!.runtime)
      return { inside: own.filter((r) => isInside(r, target)).length, rows: own.length }
    })
  })
  const sum = (of: (s: { inside: number; rows: number }) => number): number => shares.reduce((total, s) => total + of(s), 0)
  return { rows: sum((s) => s.inside) / sum((s) => s.rows), targets: sum((s) => s.inside / s.rows) / shares.length }
}

function isInside({ graph, cycles }: ModelRow, target: Target): boolean {
  const ms = cycles / (target.device.clockMhz * 1000)
  const { latencyLowMs, latencyHighMs } = price(graph, target)
  return ms >= latencyLowMs && ms <= latencyHighMs
}
