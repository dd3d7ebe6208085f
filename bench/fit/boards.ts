import { student95 } from '../../src/util/student.ts'
import type { Formula } from './formulas.ts'
import {
  coreKey,
  features,
  fitHierarchy,
  type Hierarchy,
  kernelFamily,
  predictCycles,
  runtimeKey,
  targetKey,
} from './hierarchy.ts'
import type { Interval } from './intervals.ts'
import type { ModelRow } from './rows.ts'

/**
 * Where the price of a board comes from that was never timed: `core`, other boards with its core under its runtime; `runtime`, boards with other cores;
 * `formula`, the formula alone, for kernels that were never timed anywhere.
 */
export type Origin = 'core' | 'runtime' | 'formula'

/** One board under one runtime, hidden as a whole: how far its networks lay from what the others say, in logarithms of measured / predicted. */
type Hidden = {
  readonly device: string
  readonly runtime: string
  readonly origin: Origin
  /** boards that the prediction came from */
  readonly boards: number
  readonly offset: number
  /** sum of squares about the offset, and its degrees of freedom */
  readonly within: number
  readonly dof: number
}

/** Weight, in boards, of what all runtimes have in common when the spread of one runtime is estimated from few. */
const commonWeight = 4

/**
 * How uncertain the price of an unmeasured board is. Boards differ by much more than networks on a board do (wait states, caches, memories, flags of the
 * compiler), so the variance of a prediction has two parts: between boards, from whole boards hidden from the fit, and within. A prediction from k
 * boards has the variance tau^2 (1 + 1 / k) + sigma^2; tau is that of the runtime, drawn towards that of all runtimes at the same origin, and as it is known
 * from a handful of boards only, the interval is Student's with as many degrees of freedom.
 */
export type BoardSpread = { of(origin: Origin, runtime: string, boards: number): Interval }

export function boardSpread(rows: readonly ModelRow[], formulas: Readonly<Record<string, Formula>>): BoardSpread {
  const hidden = [...hideBoards(rows, formulas), ...formulasAlone(rows, formulas)]
  // the median: one board on which nothing can be predicted must not widen all the others
  const within = median(hidden.filter((h) => h.dof > 0).map((h) => h.within / h.dof))
  return {
    of: (origin, runtime, boards) => {
      const like = hidden.filter((h) => h.origin === origin)
      const own = like.filter((h) => h.runtime === runtime)
      const square = (h: Hidden): number => h.offset ** 2 / (1 + 1 / h.boards)
      const common = like.length > 0 ? sum(like.map(square)) / like.length : 0.25
      const between = (commonWeight * common + sum(own.map(square))) / (commonWeight + own.length)
      const known = new Set(like.map((h) => h.device)).size
      const half = student95(Math.max(1, known)) * Math.sqrt(between * (1 + 1 / boards) + within)
      return { low: Math.exp(-half), high: Math.exp(half) }
    },
  }
}

/** Every board that was timed, hidden in turn. */
function hideBoards(rows: readonly ModelRow[], formulas: Readonly<Record<string, Formula>>): Hidden[] {
  const whole = rows.filter((r) => !r.part)
  return [...new Set(whole.map(targetKey))].flatMap((key): Hidden[] => {
    const mine = whole.filter((r) => targetKey(r) === key)
    const first = mine[0]!
    // runtimes share nothing with those of other kernels: the others need no fit
    const rest = rows.filter((r) => r.device !== first.device && kernelFamily(r.runtime) === kernelFamily(first.runtime))
    const hierarchy = fitHierarchy(rest, formulas)
    const from = originOf(first, hierarchy)
    if (!from) return []
    const logs = mine.map((r) => Math.log(r.cycles / predictCycles(r, hierarchy, formulas)!))
    return [{ device: first.device, runtime: first.runtime, ...from, ...about(logs) }]
  })
}

/** Where the price of a row comes from when its board is not in the hierarchy. */
import { median } from '../median.ts'

function originOf(row: ModelRow, hierarchy: Hierarchy): { origin: Origin; boards: number } | undefined {
  const core = hierarchy.cores.get(coreKey(row))
  if (core) return { origin: 'core', boards: core.devices.length }
  const runtime = hierarchy.runtimes.get(runtimeKey(row))
  if (runtime) return { origin: 'runtime', boards: runtime.devices.length }
  // counts of these very kernels, at the cycles per instruction of the boards that were timed operator by operator
  return row.runtime === 'tflm-cmsis-nn' ? { origin: 'runtime', boards: 1 } : undefined
}

/** What the formulas are off by where nothing corrects them, one value for each family of kernels. */
function formulasAlone(rows: readonly ModelRow[], formulas: Readonly<Record<string, Formula>>): Hidden[] {
  const whole = rows.filter((r) => !r.part)
  return [...new Set(whole.map((r) => kernelFamily(r.runtime)))].map((family) => {
    const logs = whole
      .filter((r) => kernelFamily(r.runtime) === family)
      .map((r) => Math.log(r.cycles / sum(features(r, formulas))))
    const { offset } = about(logs)
    return { device: family, runtime: family, origin: 'formula', boards: Number.POSITIVE_INFINITY, offset, within: 0, dof: 0 }
  })
}

function about(logs: readonly number[]): Pick<Hidden, 'offset' | 'within' | 'dof'> {
  const offset = sum(logs) / logs.length
  return { offset, within: sum(logs.map((l) => (l - offset) ** 2)), dof: logs.length - 1 }
}

const sum = (x: Iterable<number>): number => {
  let total = 0
  for (const value of x) total += value
  return total
}
