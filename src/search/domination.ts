/** Objectives to minimise, and by how much the point breaks its bounds (0 = feasible). */
export type Point = { readonly objectives: readonly number[]; readonly violation: number }

/**
 * Constraint domination (Deb 2000, An efficient constraint handling method for genetic algorithms):
 * 1. A feasible point dominates an infeasible one.
 * 2. Of two infeasible points the one with the smaller violation dominates.
 * 3. Of two feasible points one dominates when it is nowhere worse and somewhere better.
 */
export function dominates(a: Point, b: Point): boolean {
  if (a.violation <= 0 !== b.violation <= 0) return a.violation <= 0
  if (a.violation > 0) return a.violation < b.violation
  return paretoDominates(a.objectives, b.objectives)
}

export function paretoDominates(a: readonly number[], b: readonly number[]): boolean {
  let better = false
  for (let i = 0; i < a.length; i++) {
    if (a[i]! > b[i]!) return false
    if (a[i]! < b[i]!) better = true
  }
  return better
}

/** Indices by rank: the first list is dominated by nobody, the next only by the first, ... (Deb et al. 2002, NSGA-II). */
export function sortFronts(points: readonly Point[]): number[][] {
  const losers: number[][] = points.map(() => [])
  const dominators = points.map(() => 0)
  for (let i = 0; i < points.length; i++)
    for (let j = i + 1; j < points.length; j++) {
      const [winner, loser] = dominates(points[i]!, points[j]!) ? [i, j] : dominates(points[j]!, points[i]!) ? [j, i] : [-1, -1]
      if (winner < 0) continue
      losers[winner]!.push(loser)
      dominators[loser]!++
    }
  const fronts: number[][] = []
  let front = points.flatMap((_, i) => (dominators[i] === 0 ? [i] : []))
  while (front.length > 0) {
    fronts.push(front)
    const next: number[] = []
    for (const i of front) for (const j of losers[i]!) if (--dominators[j]! === 0) next.push(j)
    front = next.sort((a, b) => a - b)
  }
  return fronts
}

/**
 * NSGA-II's crowding distance of each member of one front: how far its neighbours lie, summed over objectives; the ends are Infinity.
 */
export function crowding(points: readonly Point[], front: readonly number[]): number[] {
  const distance = front.map(() => 0)
  for (let m = 0; m < (points[front[0]!]?.objectives.length ?? 0); m++) {
    const value = (k: number) => points[front[k]!]!.objectives[m]!
    const order = [...front.keys()].sort((a, b) => value(a) - value(b) || a - b)
    const [low, high] = [value(order[0]!), value(order.at(-1)!)]
    if (!(high > low) || high === Number.POSITIVE_INFINITY) continue
    distance[order[0]!] = distance[order.at(-1)!] = Number.POSITIVE_INFINITY
    for (let k = 1; k < order.length - 1; k++)
      distance[order[k]!]! += (value(order[k + 1]!) - value(order[k - 1]!)) / (high - low)
  }
  return distance
}
