/** A receiver operating characteristic: shares of false and of true positives as the threshold falls, and the area below. */
export type Roc = { readonly area: number; readonly points: readonly (readonly [falsePositive: number, truePositive: number])[] }

/**
 * The curve of scores against truth. Equal scores pass the threshold together, so the area is the chance that a positive scores above a negative, ties
 * counted by half (Hanley & McNeil 1982). Null where one of the two kinds is missing.
 */
export function roc(scores: ArrayLike<number>, isPositive: (i: number) => boolean): Roc | null {
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!)
  const positives = order.filter(isPositive).length
  const negatives = order.length - positives
  if (positives === 0 || negatives === 0) return null
  const points: (readonly [number, number])[] = [[0, 0]]
  let area = 0
  let [falses, trues] = [0, 0]
  for (let i = 0; i < order.length; ) {
    const before = [falses, trues] as const
    const score = scores[order[i]!]
    for (; i < order.length && scores[order[i]!] === score; i++) {
      if (isPositive(order[i]!)) trues++
      else falses++
    }
    area += ((falses - before[0]) * (trues + before[1])) / 2
    points.push([falses / negatives, trues / positives])
  }
  return { area: area / (positives * negatives), points }
}
