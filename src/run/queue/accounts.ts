/** What a job came to, and on which machine. */
export type Account = { readonly digest: string; readonly machine: string }

/** Two machines that disagree about one job. */
export type Disagreement = { readonly id: string; readonly first: Account; readonly second: Account }

/** What every job came to first. Later deliveries must be equal to it, whoever makes them and however late. */
export function accountsOf() {
  const first = new Map<string, Account>()
  return {
    /** Undefined where nobody said anything else before. */
    note(id: string, account: Account): Disagreement | undefined {
      const before = first.get(id)
      if (!before) first.set(id, account)
      return before && before.digest !== account.digest ? { id, first: before, second: account } : undefined
    },
  }
}
