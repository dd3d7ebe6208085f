/** Process exit codes, documented in docs/cli.md. */
export const exitCodes = { ok: 0, bug: 1, usage: 2, nothingFits: 3, missingTool: 4, store: 5, interrupted: 130 } as const
export type ExitKind = keyof typeof exitCodes

/**
 * An error a person can mend. Printed as two lines: `message` says what is wrong (file, key, value), `remedy` how to mend it.
 * Everything else that is thrown is a bug and prints a stack.
 */
export class TinyfrontError extends Error {
  override readonly name: string = 'TinyfrontError'
  readonly kind: ExitKind
  readonly remedy: string
  constructor(kind: ExitKind, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
    this.remedy = remedy
  }
}

export const usageError = (message: string, remedy: string, cause?: unknown): TinyfrontError =>
  new TinyfrontError('usage', message, remedy, cause === undefined ? undefined : { cause })

/** The candidate nearest to what was typed (Levenshtein distance at most a third of its length), for "did you mean". */
export const nearestName = (typed: string, known: readonly string[]): string | undefined => nearestNames(typed, known)[0]

/** The three nearest, nearest first. */
export function nearestNames(typed: string, known: readonly string[]): string[] {
  const furthest = Math.max(2, Math.floor(typed.length / 3))
  return known
    .map((name) => ({ name, distance: editDistance(typed.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= furthest)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name)
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]!
}
