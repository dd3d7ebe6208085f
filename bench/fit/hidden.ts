import { listRuntimes, loadDevice } from '../../src/device/load.ts'
import { price } from '../../src/device/predict.ts'
import type { Target } from '../../src/device/schema.ts'
import { assembleTarget } from '../../src/device/target.ts'
import { coefficients } from './coefficients.ts'
import { type Evidence, without } from './evidence.ts'
import { type ModelRow, targetKey } from './rows.ts'

/** A board as someone meets it who has its data sheet and nothing else: every runtime on it, with coefficients fitted without any row of it. */
export function hideBoard(device: string, evidence: Evidence): (runtime: string) => Target {
  const fitted = coefficients(without(device, evidence))
  return (runtime) => {
    const { id: _, ...file } = listRuntimes().find((r) => r.id === runtime)!
    return assembleTarget(loadDevice(device), runtime, file, fitted)
  }
}

/** Share of the measurements of hidden boards that lie inside the 90 % interval: of all rows, and the mean of the boards' shares. `width`: median of high / 1. */
export type HiddenCoverage = { readonly rows: number; readonly targets: number; readonly width: number }

/** Every board hidden in turn. */
export function hiddenCoverage(evidence: Evidence): HiddenCoverage {
  const whole = evidence.rows.filter((r) => !r.part)
  const shares = [...new Set(whole.map((r) => r.device))].flatMap((device) => {
    const targetOf = hideBoard(device, evidence)
    const mine = whole.filter((r) => r.device === device)
    return [...new Set(mine.map(targetKey))].map((key) => {
      const own = mine.filter((r) => targetKey(r) === key)
      const target = targetOf(own[0]!.runtime)
      return { inside: own.filter((r) => isInside(r, target)).length, rows: own.length, width: target.latency.high }
    })
  })
  const sum = (of: (s: { inside: number; rows: number }) => number): number => shares.reduce((total, s) => total + of(s), 0)
  const widths = shares.map((s) => s.width).sort((a, b) => a - b)
  return {
    rows: sum((s) => s.inside) / sum((s) => s.rows),
    targets: sum((s) => s.inside / s.rows) / shares.length,
    width: widths[widths.length >> 1]!,
  }
}

function isInside({ graph, cycles }: ModelRow, target: Target): boolean {
  const ms = cycles / (target.device.clockMhz * 1000)
  const { latencyLowMs, latencyHighMs } = price(graph, target)
  return ms >= latencyLowMs && ms <= latencyHighMs
}
