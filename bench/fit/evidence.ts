import { type Hidden, hideBoards } from './boards.ts'
import { type Errors, leaveOut, ours } from './evaluate.ts'
import { baseFormulas, type Formula } from './formulas.ts'
import { type Fit, fitModel } from './model.ts'
import { type ModelRow, modelRows, partRows } from './rows.ts'

/** Rows, the fit to all of them, and what fits that did not see a network or a board are wrong by. */
export type Evidence = {
  readonly rows: readonly ModelRow[]
  readonly formulas: Readonly<Record<string, Formula>>
  readonly fit: Fit
  readonly byModel: Errors
  readonly byDevice: Errors
  readonly hidden: readonly Hidden[]
}

export function gather(): Evidence {
  const formulas = baseFormulas()
  const rows = [...modelRows(), ...partRows()]
  const fit = fitModel(rows, formulas)
  const { errors, hidden } = hideBoards(rows, formulas, fit)
  return { rows, formulas, fit, byModel: leaveOut(rows, (r) => r.model, ours(formulas, fit)), byDevice: errors, hidden }
}

/** The evidence of somebody who does not have a board: the fit is a new one; the errors of the other boards only set the width of intervals. */
export function without(device: string, evidence: Evidence): Evidence {
  const keep = evidence.rows.map((r) => r.device !== device)
  const rows = evidence.rows.filter((_, i) => keep[i])
  return {
    rows,
    formulas: evidence.formulas,
    fit: fitModel(rows, evidence.formulas, evidence.fit),
    byModel: evidence.byModel.filter((_, i) => keep[i]),
    byDevice: evidence.byDevice.filter((_, i) => keep[i]),
    hidden: evidence.hidden.filter((h) => h.device !== device),
  }
}
