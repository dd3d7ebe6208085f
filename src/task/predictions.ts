import type { Labels } from './labels.ts'

/** What a network said about a split: `[count, outputs]`, class scores (any monotone scale) or predicted values. */
export type Predictions = { readonly count: number; readonly outputs: number; readonly scores: ArrayLike<number> }

/** Index of the largest score of example i; ties go to the lower class, as TFLite's examples do. */
export function argMax(p: Predictions, i: number): number {
  const base = i * p.outputs
  let best = 0
  for (let c = 1; c < p.outputs; c++) if (p.scores[base + c]! > p.scores[base + best]!) best = c
  return best
}

/** `counts[truth][predicted]`. */
export function confusionMatrix(p: Predictions, { values }: Labels): number[][] {
  const counts = Array.from({ length: p.outputs }, () => new Array<number>(p.outputs).fill(0))
  for (let i = 0; i < p.count; i++) counts[values[i]!]![argMax(p, i)]!++
  return counts
}

/** The same answer to each of `count` examples. */
export const always = (answer: readonly number[], count: number): Predictions => ({
  count,
  outputs: answer.length,
  scores: Array.from({ length: count }, () => answer).flat(),
})
