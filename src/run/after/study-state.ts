import { join } from 'node:path'
import { kernelsOf } from '../../store/kernels-note.ts'
import { writerOf } from '../../store/lock.ts'
import { errorOf, type Metric } from '../../task/metric.ts'
import { polishList } from '../phases/polish-list.ts'
import { readStudy } from '../record/open.ts'
import type { StudyStore } from '../record/study-store.ts'
import { currentPolishes } from './published.ts'

export type StudyState = 'running' | 'complete' | 'interrupted' | 'nothing fits' | 'damaged'

/** A study in a line: what one needs to find the one that is meant. */
export type StudySummary = {
  readonly study: string
  readonly state: StudyState
  /** Absent where the journal cannot be read. */
  readonly known?: {
    readonly createdAt: string
    readonly data: string
    readonly targets: readonly string[]
    readonly trials: number
    readonly metric: Metric
    /** The best int8 score of any trial; polished ones count with the score of their polish. */
    readonly best: number | null
    readonly fake: boolean
    readonly kernels: readonly string[]
  }
}

export async function summariseStudy(results: string, study: string): Promise<StudySummary> {
  let store: StudyStore
  try {
    store = await readStudy(results, study)
  } catch {
    return { study, state: 'damaged' } // whoever opens it is told why
  }
  const { config, data, targets, raw } = store.header
  return {
    study,
    state: stateOf(store),
    known: {
      createdAt: raw.createdAt,
      data: data.name,
      targets: targets.map((t) => t.target.id),
      trials: store.trials().length,
      metric: config.metric,
      best: bestOf(store),
      fake: config.engine === 'fake',
      kernels: kernelsOf(join(results, study)),
    },
  }
}

function stateOf(store: StudyStore): StudyState {
  if (writerOf(store.folder)) return 'running'
  if (!store.searchEnded()) return 'interrupted'
  const trials = store.trials()
  if (trials.every((t) => t.state !== 'trained')) return 'nothing fits'
  const { config, targets, plan } = store.header
  if (config.engine === 'fake') return 'complete'
  const specs = targets.map((t) => t.spec)
  const due = polishList(trials, specs, config.objectives, config.metric, plan.polishMembers)
  const verified = new Map(store.verifies().map((v) => [v.trial, v.tflite]))
  const done = store.polishes().filter((p) => verified.get(p.trial) === p.tflite)
  return due.every((n) => done.some((p) => p.trial === n)) ? 'complete' : 'interrupted'
}

function bestOf(store: StudyStore): number | null {
  const { metric } = store.header.config
  const polished = currentPolishes(store).map((p) => p.int8)
  const scores = polished.length > 0 ? polished : store.trials().flatMap((t) => t.score ?? [])
  const error = (score: number) => errorOf(metric, score)
  return scores.length === 0 ? null : scores.reduce((a, b) => (error(b) < error(a) ? b : a))
}
