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
    /** That network's score on test; null = not tested. */
    readonly bestTest: number | null
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
      ...bestOf(store),
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

function bestOf(store: StudyStore): { best: number | null; bestTest: number | null } {
  const { metric } = store.header.config
  const polished = currentPolishes(store).map((p) => ({ trial: p.trial, score: p.int8 }))
  const trained = store.trials().flatMap((t) => (t.score === null ? [] : [{ trial: t.n, score: t.score }]))
  const scored = polished.length > 0 ? polished : trained
  if (scored.length === 0) return { best: null, bestTest: null }
  const best = scored.reduce((a, b) => (errorOf(metric, b.score) < errorOf(metric, a.score) ? b : a))
  return { best: best.score, bestTest: store.tests().find((t) => t.trial === best.trial)?.int8 ?? null }
}
