import { etaOf } from '../run/after/eta.ts'
import type { Presence } from '../run/queue/presence.ts'
import type { AtQueue } from '../run/queue/watch.ts'
import type { StudyStore } from '../run/record/study-store.ts'
import type { Writer } from '../store/lock.ts'
import type { Activity } from './activity.ts'
import type { MachineRow, Phase, StateMessage } from './wire.ts'

export type Now = {
  readonly store: StudyStore
  readonly writer: Writer | undefined
  readonly activity: Activity | undefined
  readonly starting: boolean
  readonly stopping: boolean
  readonly message: string | null
  readonly workers: AtQueue | undefined
  /** Seconds of a clock that only runs on. */
  readonly clock: () => number
  /** Seconds since this was first seen without a new line: the journal's last line is that old. */
  readonly sinceLastLine: number
}

/** What a study is at, from its journal, its lock and what the search tells. */
export function stateOf(now: Now): StateMessage {
  const { store, writer, activity, starting, stopping, message, clock, sinceLastLine } = now
  const phase = phaseOf(store)
  const workers = activity?.workers() ?? store.header.limits.workers
  return {
    writer: writer ? { pid: writer.pid, host: writer.host, canStop: writer.here } : null,
    starting: starting && writer === undefined,
    phase,
    stopping: stopping && writer !== undefined,
    etaSeconds: writer ? (eta(store, phase, activity, workers, clock, sinceLastLine) ?? null) : null,
    workers,
    inWork: activity ? activity.inWork().map(({ n, what, since }) => ({ n, what, seconds: Math.round(clock() - since) })) : null,
    machines: now.workers === undefined ? null : machinesFor(store.study.name, now.workers()),
    message,
  }
}

const machinesFor = (study: string, workers: readonly Presence[] | undefined): StateMessage['machines'] =>
  workers?.filter((w) => w.study === null || w.study === study).map(machineRow) ?? 'no answer'

const machineRow = (w: Presence): MachineRow => ({
  id: w.id,
  machine: w.machine,
  doing: w.jobs.length === 0 ? w.state : w.jobs.map((job) => job.kind).join(', '),
  seconds: w.jobs.length === 0 ? null : Math.round(Math.max(...w.jobs.map((job) => job.seconds))),
  done: w.done,
  failed: w.failed,
  perMinute: (60 * w.done) / Math.max(1, w.upSeconds),
  busy: w.busySeconds / Math.max(1, w.upSeconds * w.threads),
  lastError: w.lastError,
})

function phaseOf(store: StudyStore): Phase {
  if (!store.searchEnded()) return 'search'
  if (store.header.config.engine === 'fake') return 'complete'
  const verified = new Set(store.verifies().map((v) => v.trial))
  const polishes = store.polishes()
  return polishes.length > 0 && polishes.every((p) => verified.has(p.trial)) ? 'complete' : 'polish'
}

/** Trials that say how fast the search is by now. */
const recent = 12

function eta(
  store: StudyStore,
  phase: Phase,
  activity: Activity | undefined,
  workers: number,
  clock: () => number,
  sinceLastLine: number,
): number | undefined {
  const { limits, plan } = store.header
  const polish = activity?.polish()
  if (polish) return Math.max(0, polish.seconds - (clock() - polish.since))
  const elapsed = store.secondsBefore + sinceLastLine
  const told = activity?.limitTrials()
  const trials = told === undefined ? (limits.trials ?? plan.expectedTrials) : told
  const ends = store.study.lines.filter((l) => l.type === 'trial' && l.trial.state === 'trained').slice(-recent)
  const [first, last] = [ends[0]?.seconds, ends.at(-1)?.seconds]
  const paced = ends.length > 1 && first !== undefined && last !== undefined
  const trained = store.trials().filter((t) => t.state === 'trained').length
  return etaOf({
    plan,
    workers,
    trials,
    trained: phase === 'search' ? trained : (trials ?? trained),
    trainedNow: paced ? ends.length - 1 : 0,
    secondsNow: paced ? last - first : 0,
    secondsLeft: limits.seconds === undefined ? undefined : limits.seconds - elapsed,
  })
}
