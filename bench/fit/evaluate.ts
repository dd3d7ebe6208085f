import { fitNonNegative, relative } from '../../src/device/nnls.ts'
import type { Context } from './effects.ts'
import type { Formula } from './formulas.ts'
import { type Fit, fitModel } from './model.ts'
import { type ModelRow, targetKey } from './rows.ts'

/** predicted / measured - 1, by row; undefined where nothing was left to predict from. */
export type Errors = readonly (number | undefined)[]
type Predictor = (row: ModelRow) => number | undefined

/** Leaves out all rows that share `key` (a model, a family of models, a device), fits on the rest, predicts them. */
export function leaveOut(
  rows: readonly ModelRow[],
  key: (r: ModelRow) => string,
  fit: (rest: readonly ModelRow[]) => Predictor,
): Errors {
  const errors: (number | undefined)[] = rows.map(() => undefined)
  for (const left of new Set(rows.filter((r) => !r.part).map(key))) {
    const predict = fit(rows.filter((r) => key(r) !== left))
    rows.forEach((row, i) => {
      if (key(row) !== left || row.part) return
      const cycles = predict(row)
      if (cycles !== undefined) errors[i] = cycles / row.cycles - 1
    })
  }
  return errors
}

/** A row's board as a prediction sees it: neither the network's own odds nor the version of the kernels are known. */
export const contextOf = ({ device, core, runtime, formula }: ModelRow): Context => ({ device, core, runtime, formula })

/** `start`: a fit to more rows, from which the others begin; it saves time alone. */
export const ours =
  (formulas: Readonly<Record<string, Formula>>, start: Fit) =>
  (rest: readonly ModelRow[]): Predictor => {
    const fit = fitModel(rest, formulas, start)
    return (row) => fit.cycles(row.terms, contextOf(row))
  }

/** Errors on the rows that the fit has seen: what no parameter of the model explains. */
export const inSample = (rows: readonly ModelRow[], fit: Fit): Errors =>
  rows.map((row) => (row.part ? undefined : fit.cycles(row.terms, contextOf(row)) / row.cycles - 1))

/** What most tools do: cycles = a MACs + b, per target. */
export const macsOnly = perTarget((row) => [row.macs, 1])

/** MACs by kind (first convolution, other convolutions, pointwise, depthwise, dense), elements and operators, per target. */
export const macsPerKind = perTarget((row) => [...kindCounts(row), 1])

function perTarget(columns: (row: ModelRow) => number[]) {
  return (rest: readonly ModelRow[]): Predictor => {
    const prices = new Map<string, Float64Array>()
    return (row) => {
      const key = targetKey(row)
      let b = prices.get(key)
      if (!b) {
        const own = rest.filter((r) => targetKey(r) === key)
        if (own.length === 0) return undefined
        const width = columns(row).length
        b = fitNonNegative(
          own.map((r) => relative(columns(r), r.cycles)),
          new Float64Array(width),
          new Float64Array(width).fill(1e-12),
        )
        prices.set(key, b)
      }
      return columns(row).reduce((sum, c, j) => sum + c * b[j]!, 0)
    }
  }
}

function kindCounts(row: ModelRow): number[] {
  const { ops, shapes } = row.graph
  const n = { first: 0, conv: 0, pointwise: 0, depthwise: 0, dense: 0, elements: 0 }
  ops.forEach((op, i) => {
    const [h, w, c] = shapes[i + 1]!
    const input = shapes[op.inputs[0]!]!
    if (op.kind === 'conv2d') {
      const macs = h * w * c * op.kernel[0] * op.kernel[1] * input[2]
      if (input[2] < 4) n.first += macs
      else if (op.kernel[0] * op.kernel[1] === 1) n.pointwise += macs
      else n.conv += macs
    } else if (op.kind === 'depthwise') n.depthwise += h * w * c * op.kernel[0] * op.kernel[1]
    else if (op.kind === 'dense') n.dense += input[0] * input[1] * input[2] * op.units
    else n.elements += h * w * c
  })
  return [...Object.values(n), ops.length]
}

export type Summary = {
  readonly rows: number
  readonly mape: number
  readonly median: number
  readonly p90: number
  readonly within10: number
  readonly within20: number
}

export function summarise(errors: Errors): Summary {
  const e = errors
    .filter((x) => x !== undefined)
    .map(Math.abs)
    .sort((a, b) => a - b)
  const share = (bound: number): number => e.filter((x) => x <= bound).length / e.length
  return {
    rows: e.length,
    mape: e.reduce((a, b) => a + b, 0) / e.length,
    median: e[e.length >> 1]!,
    p90: e[Math.min(e.length - 1, Math.floor(e.length * 0.9))]!,
    within10: share(0.1),
    within20: share(0.2),
  }
}
