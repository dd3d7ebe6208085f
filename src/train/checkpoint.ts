import type { Weights } from '../graph/weights.ts'

// A checkpoint is one safetensors file: weights by their names, and beside them what the optimizer remembers.

/** The optimizer's moments, each by parameter, under the names that they have in a checkpoint. */
export const momentsNamed = (moments: readonly Weights[]): Weights =>
  Object.fromEntries(
    moments.flatMap((moment, i) => Object.entries(moment).map(([name, values]) => [`moment${i}/${name}`, values])),
  )

/**
 * Moments and numbers of steps of a checkpoint.
 * @throws RangeError where it was made without steps.
 */
export function momentsOf(
  checkpoint: Weights,
  count: number,
): { readonly moments: readonly Weights[]; readonly steps: { readonly ofBatchNorm: number; readonly updates: number } } {
  const [ofBatchNorm, updates] = checkpoint.steps ?? []
  if (ofBatchNorm === undefined || updates === undefined) throw new RangeError('a checkpoint without its numbers of steps')
  const moments = Array.from({ length: count }, (_, i) => {
    const prefix = `moment${i}/`
    const ours = Object.entries(checkpoint).filter(([name]) => name.startsWith(prefix))
    return Object.fromEntries(ours.map(([name, values]) => [name.slice(prefix.length), values]))
  })
  return { moments, steps: { ofBatchNorm, updates } }
}

/** How many updates a training had made at its checkpoint; undefined where it holds no number. */
export const updatesAt = (checkpoint: Weights): number | undefined => checkpoint.steps?.[1]
