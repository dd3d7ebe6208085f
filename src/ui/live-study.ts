import { markRecommended } from '../report/recommend.ts'
import { commandOf } from '../run/after/command.ts'
import { currentPolishes, publishedFront } from '../run/after/published.ts'
import { boardView, configLines, frontEndPricer, memberView, metricView, timing } from '../run/after/view.ts'
import { dutyOf } from '../run/record/duty.ts'
import type { OpenHeader } from '../run/record/header.ts'
import type { PolishLine, TestLine, VerifyLine } from '../run/record/notes.ts'
import { setupOf } from '../run/record/setup.ts'
import { openStudyStore, type StudyStore } from '../run/record/study-store.ts'
import { frontOf, isFeasible, normalise, objectivesOf } from '../search/front.ts'
import { improvement } from '../search/hypervolume.ts'
import type { SearchSetup } from '../search/strategy.ts'
import type { Trial } from '../search/trial.ts'
import type { Line } from '../store/journal-lines.ts'
import { TinyfrontError } from '../util/errors.ts'
import { type BoardView, costNames, type LineMessage, type StudyFacts, type TrialRow, type ViewMessage } from './wire.ts'

/** A study that grows line by line: what pages are told of it. */
export type LiveStudy = {
  /** What has been read so far, as commands read a study. */
  readonly store: StudyStore
  /** Takes the next line of the journal. */
  take(line: Line): LineMessage
  view(): ViewMessage
}

export function liveStudy(name: string, folder: string, resultsDir: string, first: Line): LiveStudy {
  if (first.type !== 'header')
    throw new TinyfrontError(
      'store',
      `${folder}: its journal does not begin with the header of a study`,
      'start anew with --fresh',
    )
  const lines: Line[] = [first]
  const trials: Trial[] = []
  const store = openStudyStore(readOnly(name, folder, lines, trials), resultsDir)
  const setup = setupOf(store.header)
  const boards = setup.targets.map(growingFront(setup))
  const polishes = polishesThatCount(store)
  return {
    store,
    take(line) {
      if (line !== first) lines.push(line)
      if (line.type === 'trial') {
        trials.push(line.trial)
        for (const board of boards) board.take(trials)
      }
      return { ...message(line, store.header), at: line.seconds ?? null }
    },
    view: () => viewOf(store, setup, boards, polishes()),
  }
}

function readOnly(name: string, folder: string, lines: readonly Line[], trials: readonly Trial[]): StudyStore['study'] {
  const header = (lines[0] as Extract<Line, { type: 'header' }>).header
  const refuse = () => Promise.reject(new Error(`study ${name} was opened for reading`))
  return { name, folder, header, lines, trials, tornBytes: 0, append: refuse, close: () => Promise.resolve() }
}

type GrowingFront = ReturnType<ReturnType<typeof growingFront>>

/**
 * The front of one board and its hypervolume, one trial after the other: what a trial adds to the hypervolume is far cheaper than the whole, and a study
 * of ten thousand trials changes its front hundreds of times. Only where a member was trained again is the front taken anew.
 */
const growingFront = (setup: SearchSetup) => (spec: SearchSetup['targets'][number]) => {
  const at = (trial: Trial) => normalise(objectivesOf(trial, spec.id, setup.objectives, setup.metric), spec.reference)
  const unit = spec.reference.map(() => 1)
  const volumes: { trial: number; value: number }[] = []
  let members: { readonly trial: Trial; readonly at: readonly number[] }[] = []
  /** The longest training of each network so far: no shorter one counts. */
  const longest = new Map<string, number>()
  return {
    spec,
    volumes,
    /** As a front is listed: the best score first. */
    members: () => [...members].sort((a, b) => a.at[0]! - b.at[0]! || a.trial.n - b.trial.n).map((m) => m.trial),
    take(trials: readonly Trial[]): void {
      const trial = trials.at(-1)!
      if (trial.state !== 'trained') return
      const before = longest.get(trial.graphHash) ?? 0
      if (trial.rung < before) return
      longest.set(trial.graphHash, trial.rung)
      if (trial.rung > before && members.some((m) => m.trial.graphHash === trial.graphHash)) {
        // what the shorter training kept off the front may come back
        const front = frontOf(trials, spec, setup.objectives, setup.metric)
        members = front.trials.map((t) => ({ trial: t, at: at(t) }))
        volumes.push({ trial: trial.n, value: front.hypervolume })
        return
      }
      if (!isFeasible(trial, spec.id)) return
      const point = at(trial)
      if (members.some((m) => m.at.every((x, k) => x <= point[k]!))) return
      const volume = volumes.at(-1)?.value ?? 0
      volumes.push({
        trial: trial.n,
        value:
          volume +
          improvement(
            point,
            members.map((m) => m.at),
            unit,
          ),
      })
      members = members.filter((m) => !point.every((x, k) => x <= m.at[k]!))
      members.push({ trial, at: point })
    },
  }
}

/** The polishes that count, looked for again only when there are other trials or polishes: it takes the front of all trials. */
function polishesThatCount(store: StudyStore): () => readonly PolishLine[] {
  let of = ''
  let found: readonly PolishLine[] = []
  return () => {
    const polishes = store.polishes()
    const now = `${store.trials().length}/${polishes.map((p) => `${p.trial}.${p.round}`)}`
    if (now !== of) found = polishes.length > 0 ? currentPolishes(store) : []
    of = now
    return found
  }
}

function viewOf(
  store: StudyStore,
  setup: SearchSetup,
  boards: readonly GrowingFront[],
  polishes: readonly PolishLine[],
): ViewMessage {
  const metric = metricView(store.header, polishes.length > 0)
  const notes = new Map(polishes.map((p) => [p.trial, p]))
  const tests = new Map(store.tests().map((t) => [t.trial, t]))
  const all = store.trials()
  const polished = all.filter((t) => notes.has(t.n))
  return {
    metric,
    boards: boards.map(({ spec, volumes, members }): BoardView => {
      const published = publishedFront(polished, polishes, spec, setup.objectives, setup.metric).trials
      const front = published.length > 0 ? published : members()
      const views = front.map((t) => memberView(t, spec.id, notes.get(t.n), tests.get(t.n), dutyOf(store.header.config)))
      return {
        target: spec.id,
        hypervolume: volumes.at(-1)?.value ?? 0,
        hypervolumeOverTrials: [...volumes],
        front: markRecommended(views, spec.budget, metric),
      }
    }),
    polished: polishes.map((p) => p.trial),
    timing: timing(all, polishes),
  }
}

function message(line: Line, header: OpenHeader) {
  switch (line.type) {
    case 'header':
      return { type: 'header', study: factsOf(header) } as const
    case 'trial':
      return { type: 'trial', trial: trialRow(line.trial, header) } as const
    case 'polish': {
      const { trial, round, int8, float32 } = line.polish as PolishLine
      return { type: 'polish', trial, round: round ?? 0, int8, float32 } as const
    }
    case 'test': {
      const { trial, int8, low, high } = line.test as TestLine
      return { type: 'test', trial, int8, low, high } as const
    }
    case 'verify': {
      const { trial, checks } = line.verify as VerifyLine
      return { type: 'verify', trial, checks: checks.map(({ name, status }) => ({ name, status })) } as const
    }
    case 'stop':
      return { type: 'stop', ...line.stop } as const
    default:
      return { type: 'other' } as const
  }
}

const factsOf = (header: OpenHeader): StudyFacts => {
  const { config, limits, targets, data, raw } = header
  const frontEndCost = frontEndPricer(header)
  return {
    study: config.study,
    createdAt: raw.createdAt,
    metric: metricView(header, false),
    objectives: config.objectives,
    boards: targets.map((t) => boardView(t, frontEndCost(t))),
    classes: data.classes,
    config: configLines(header),
    command: commandOf(config, limits),
    limits: { trials: limits.trials ?? null, seconds: limits.seconds ?? null, workers: limits.workers },
  }
}

/** What a page is told of a trial. */
export const trialRow = (trial: Trial, { targets }: Pick<OpenHeader, 'targets'>): TrialRow => ({
  n: trial.n,
  state: trial.state,
  reason: trial.reason ?? null,
  score: trial.score,
  macs: trial.macs,
  params: trial.params,
  text: trial.text,
  parents: trial.parents,
  rung: trial.rung,
  graphHash: trial.graphHash,
  seconds: trial.state === 'trained' ? trial.steps.reduce((sum, s) => sum + s.milliseconds, 0) / 1000 : null,
  costs: targets.map(({ target }) => {
    const cost = trial.costs[target.id]
    return costNames.map((name) => cost?.[name] ?? null)
  }),
})
