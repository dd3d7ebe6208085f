import { rng, shuffle } from '../util/rng.ts'

/**
 * Whole groups into parts, so that each part gets about its share of every class: largest groups first, each to the part where it lowers the
 * squared error of the class counts most (as scikit-learn's StratifiedGroupKFold). A repair then moves or swaps groups while a part still
 * lacks a class that it could have.
 */
export function assignGroups(
  pool: readonly number[],
  groupOf: (example: number) => number,
  classOf: (example: number) => number,
  shares: readonly number[],
  seed: string,
): number[][] {
  const classIds = [...new Set(pool.map(classOf))].sort((a, b) => a - b)
  const column = new Map(classIds.map((c, j) => [c, j]))
  const counts = new Map<number, Float64Array>()
  const total = new Float64Array(classIds.length)
  for (const i of pool) {
    let row = counts.get(groupOf(i))
    if (!row) counts.set(groupOf(i), (row = new Float64Array(classIds.length)))
    row[column.get(classOf(i))!]!++
    total[column.get(classOf(i))!]!++
  }
  const size = (g: number) => counts.get(g)!.reduce((a, b) => a + b)
  const order = shuffle(
    [...counts.keys()].sort((a, b) => a - b),
    rng(seed, 'groups'),
  ).sort((a, b) => size(b) - size(a))
  const have = shares.map(() => new Float64Array(classIds.length))
  const home = new Map<number, number>()

  const add = (g: number, part: number, sign: 1 | -1) => {
    for (const [c, n] of counts.get(g)!.entries()) have[part]![c]! += sign * n
  }
  /** Squared relative error of all parts against their shares, after 1000 for every class that a part lacks. */
  const badness = () => {
    let sum = 0
    for (let p = 0; p < shares.length; p++)
      for (let c = 0; c < total.length; c++) {
        const error = (have[p]![c]! - shares[p]! * total[c]!) / total[c]!
        sum += error * error + (have[p]![c] === 0 ? 1000 : 0)
      }
    return sum
  }
  const place = (g: number, part: number) => {
    const old = home.get(g)
    if (old !== undefined) add(g, old, -1)
    add(g, part, 1)
    home.set(g, part)
  }

  for (const g of order) {
    let best = 0
    let bestCost = Infinity
    for (let p = 0; p < shares.length; p++) {
      let cost = 0
      counts.get(g)!.forEach((n, c) => {
        const missing = (shares[p]! * total[c]! - have[p]![c]!) / total[c]!
        const now = missing - n / total[c]!
        cost += now * now - missing * missing
      })
      if (cost < bestCost - 1e-12) [best, bestCost] = [p, cost]
    }
    place(g, best)
  }
  repair(order, home, shares.length, place, badness)

  const parts: number[][] = shares.map(() => [])
  for (const i of pool) parts[home.get(groupOf(i))!]!.push(i)
  return parts
}

/** Steepest single moves, then swaps, while a part lacks a class and something helps. */
function repair(
  groups: readonly number[],
  home: ReadonlyMap<number, number>,
  parts: number,
  place: (g: number, part: number) => void,
  badness: () => number,
): void {
  const swap = (g: number, toG: number, h: number, toH: number) => {
    place(g, toG)
    place(h, toH)
  }
  for (let round = 0, now = badness(); round < 4 * parts * parts && now >= 1000; round++) {
    let best = now - 1
    let change: (() => void) | undefined
    const consider = (apply: () => void, undo: () => void) => {
      apply()
      const then = badness()
      undo()
      if (then < best) [best, change] = [then, apply]
    }
    for (const g of groups) {
      const from = home.get(g)!
      for (let p = 0; p < parts; p++)
        if (p !== from)
          consider(
            () => place(g, p),
            () => place(g, from),
          )
    }
    if (!change && groups.length <= 200)
      for (const g of groups)
        for (const h of groups) {
          const [a, b] = [home.get(g)!, home.get(h)!]
          if (a < b)
            consider(
              () => swap(g, b, h, a),
              () => swap(g, a, h, b),
            )
        }
    if (!change) return
    change()
    now = badness()
  }
}
