import type { StepRecord } from '../task/step.ts'
import { contenders, type Front, frontOf, isFeasible } from './front.ts'
import { propose } from './propose.ts'
import type { Candidate, SearchSetup, Strategy } from './strategy.ts'
import { type Trial, trialKey } from './trial.ts'

/** What training made of a candidate. A candidate that cannot be trained is a result (`failed`), not an exception. */
export type EvaluationResult = {
  readonly state: 'trained' | 'failed'
  readonly reason?: string
  /** The study's metric on search-validation; null when it failed. */
  readonly score: number | null
  readonly steps: readonly StepRecord[]
  readonly weights: string | null
}

export type SearchPorts = {
  /** Called for at most lag + 1 candidates at a time; how many run at once is the executor's business. Rejects only when dropped. */
  evaluate(candidate: Candidate, signal: AbortSignal | undefined): Promise<EvaluationResult>
  /** Asked between trials only: a reason ends the search after the running ones. */
  shouldStop?(committed: readonly Trial[]): string | undefined
  /** First Ctrl-C: launch nothing more, finish what runs. */
  signal?: AbortSignal
  /** Second Ctrl-C: handed to `evaluate`, which then rejects; what runs is dropped and proposed again on resume. */
  dropSignal?: AbortSignal
}

export type SearchOptions = {
  /** Trained trials, those of `history` included. */
  readonly trials: number
  /** Trials of an earlier run, in order. */
  readonly history?: readonly Trial[]
}

export type SearchEvent =
  | { readonly type: 'trial:start'; readonly candidate: Candidate }
  /** In order of n. The next event is asked for only when this one is stored. */
  | { readonly type: 'trial:end'; readonly trial: Trial }
  | { readonly type: 'front:change'; readonly front: Front; readonly n: number }
  | { readonly type: 'search:end'; readonly reason: EndReason; readonly trials: number; readonly trained: number }

/** `exhausted`: no network is left; `nothing-fits`: no target can hold what the space offers; else what `shouldStop` said. */
export type EndReason = 'trials' | 'exhausted' | 'nothing-fits' | 'interrupted' | (string & {})

/** So many misses in a row mean that no target can hold (more of) this space. */
const missesToEnd = 16

/**
 * The search as a stream of events. Trial n is proposed from trials 0 .. n-lag-1 and committed in order, so the history depends on the
 * study alone: not on the number of workers, their speed, or where it was stopped and resumed.
 */
export async function* search(
  study: SearchSetup,
  strategy: Strategy,
  options: SearchOptions,
  ports: SearchPorts,
): AsyncGenerator<SearchEvent, readonly Trial[]> {
  const committed: Trial[] = [...(options.history ?? [])]
  const flying: { readonly candidate: Candidate; readonly trial: Promise<Trial> }[] = []
  const seen = new Set(committed.map(trialKey))
  const fronts = new Map(study.targets.map((t) => [t.id, frontOf(committed, t, study.objectives, study.metric)]))
  let trained = committed.filter((t) => t.state === 'trained').length
  let misses = trailingMisses(committed)
  let willTrain = trained
  let end: EndReason | undefined
  let stop = ports.shouldStop?.(committed)

  for (;;) {
    while (!end && willTrain < options.trials && flying.length <= study.lag) {
      end = ports.signal?.aborted ? 'interrupted' : stop
      if (misses >= missesToEnd) end ??= willTrain > 0 ? 'exhausted' : 'nothing-fits'
      if (end) break
      const n = committed.length + flying.length
      const known = Math.max(0, n - study.lag)
      const pending = [...committed.slice(known), ...flying.map((f) => f.candidate)]
      const proposed = propose(study, strategy, { history: committed.slice(0, known), pending }, seen, n)
      if (proposed.kind === 'exhausted') {
        end = 'exhausted'
        break
      }
      const { candidate } = proposed
      seen.add(trialKey(candidate))
      if (proposed.kind === 'miss') {
        misses++
        flying.push({ candidate, trial: Promise.resolve(untrained(study, candidate, proposed.reason)) })
        continue
      }
      misses = 0
      willTrain++
      const trial = ports.evaluate(candidate, ports.dropSignal).then((result) => trialOf(study, candidate, result))
      trial.catch(() => {}) // it is awaited in turn; until then a rejection is not unhandled
      flying.push({ candidate, trial })
      yield { type: 'trial:start', candidate }
    }

    const head = flying.shift()
    if (!head) break
    let trial: Trial
    try {
      trial = await head.trial
    } catch (error) {
      if (!ports.dropSignal?.aborted) throw error
      end = stop ?? 'interrupted'
      break
    }
    committed.push(trial)
    if (trial.state === 'trained') trained++
    if (trial.state === 'failed') willTrain--
    yield { type: 'trial:end', trial }
    for (const target of study.targets) {
      if (!isFeasible(trial, target.id)) continue
      const before = fronts.get(target.id)!
      const front = frontOf(contenders(before, committed), target, study.objectives, study.metric)
      if (front.trials.every((t, i) => t === before.trials[i]) && front.trials.length === before.trials.length) continue
      fronts.set(target.id, front)
      yield { type: 'front:change', front, n: trial.n }
    }
    stop ??= ports.shouldStop?.(committed)
  }
  yield { type: 'search:end', reason: end ?? 'trials', trials: committed.length, trained }
  return committed
}

function trailingMisses(trials: readonly Trial[]): number {
  let k = 0
  while (k < trials.length && trials[trials.length - 1 - k]!.state === 'infeasible') k++
  return k
}

const identity = (study: SearchSetup, c: Candidate) => ({
  n: c.n,
  genome: c.genome,
  text: c.text,
  parents: c.parents,
  recipe: study.recipeHash,
  graphHash: c.graphHash,
  macs: c.macs,
  params: c.params,
  costs: c.costs,
})

const trialOf = (study: SearchSetup, candidate: Candidate, result: EvaluationResult): Trial => ({
  ...identity(study, candidate),
  ...result,
  rung: candidate.rung,
  ...(candidate.relative ? { weightsFrom: candidate.relative.weights, ancestralExamples: candidate.relative.examples } : {}),
})

const untrained = (study: SearchSetup, candidate: Candidate, reason: string): Trial => ({
  ...identity(study, candidate),
  state: 'infeasible',
  reason,
  rung: candidate.rung,
  score: null,
  steps: [],
  weights: null,
})
