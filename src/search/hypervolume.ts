import { paretoDominates } from './domination.ts'

type Vector = readonly number[]

/**
 * Exact volume that the points dominate below the reference (minimisation), any number of objectives: WFG (While, Bradstreet, Barone
 * 2012, A fast way of calculating exact hypervolumes). Points that do not lie below the reference in every objective add nothing.
 */
export function hypervolume(points: readonly Vector[], reference: Vector): number {
  return volume(nonDominated(points.filter((p) => p.every((x, i) => x < reference[i]!))), reference)
}

/** What `point` would add to the hypervolume of `points`: 0 where it is dominated. */
export function improvement(point: Vector, points: readonly Vector[], reference: Vector): number {
  if (!point.every((x, i) => x < reference[i]!)) return 0
  return box(point, reference) - hypervolume(limited(point, points), reference)
}

function volume(points: readonly Vector[], reference: Vector): number {
  if (points.length === 0) return 0
  if (points.length === 1) return box(points[0]!, reference)
  // worst first in the last objective: limiting then collapses most points
  const sorted = [...points].sort((a, b) => b.at(-1)! - a.at(-1)!)
  if (reference.length === 2) return sweep(sorted, reference)
  let sum = 0
  sorted.forEach((p, i) => {
    sum += box(p, reference) - volume(limited(p, sorted.slice(i + 1)), reference)
  })
  return sum
}

/** Two objectives: rectangles between neighbours; `points` are sorted by falling second objective, hence rising first is best last. */
function sweep(points: readonly Vector[], reference: Vector): number {
  let sum = 0
  let right = reference[0]!
  for (let i = points.length - 1; i >= 0; i--) {
    const [x, y] = points[i] as [number, number]
    if (x >= right) continue
    sum += (right - x) * (reference[1]! - y)
    right = x
  }
  return sum
}

const box = (point: Vector, reference: Vector): number => point.reduce((v, x, i) => v * (reference[i]! - x), 1)

/** The part of `points` that lies inside the box of `p`. */
const limited = (p: Vector, points: readonly Vector[]): Vector[] =>
  nonDominated(points.map((q) => q.map((x, i) => Math.max(x, p[i]!))))

/** Without dominated points and repetitions. */
export function nonDominated(points: readonly Vector[]): Vector[] {
  const kept: Vector[] = []
  for (const p of points) {
    if (kept.some((q) => paretoDominates(q, p) || q.every((x, i) => x === p[i]))) continue
    for (let i = kept.length - 1; i >= 0; i--) if (paretoDominates(p, kept[i]!)) kept.splice(i, 1)
    kept.push(p)
  }
  return kept
}
