import { SingleBar } from 'cli-progress'
import { etaOf } from '../run/after/eta.ts'
import type { StudyEvent } from '../run/record/events.ts'
import type { RunLimits } from '../run/record/options.ts'
import { setupOf } from '../run/record/setup.ts'
import type { StudyStore } from '../run/record/study-store.ts'
import { frontOf } from '../search/front.ts'
import type { Trial } from '../search/trial.ts'
import { errorOf, isShare, type Metric } from '../task/metric.ts'
import { formatCount, formatPercent, formatSeconds } from '../util/units.ts'
import { tableStyle, talk } from './output.ts'
import { type ProgressLine, progressLine } from './progress-line.ts'

export type Reporter = (event: StudyEvent) => void

const isBetter = (metric: Metric, a: number, b: number | undefined) => b === undefined || errorOf(metric, a) < errorOf(metric, b)

/** What the person sees of a running study, on stderr: a bar on a terminal, a line per event in a pipe. It begins with what the study has already. */
export function progressReporter(store: StudyStore, limits: RunLimits): Reporter {
  const counts = tally(store)
  return process.stderr.isTTY && !process.env.CI ? barReporter(store, limits, counts) : lineReporter(store, counts)
}

type Tally = ReturnType<typeof tally>

/** Counters that both reporters show. */
function tally(store: StudyStore) {
  const { metric, engine } = store.header.config
  const volumes = new Map<string, number>()
  const state = { trained: 0, infeasible: 0, failed: 0, best: undefined as number | undefined }
  const count = ({ state: end, score }: Trial) => {
    state[end]++
    if (score !== null && isBetter(metric, score, state.best)) state.best = score
  }
  const trials = store.trials()
  trials.forEach(count)
  const { targets, objectives } = setupOf(store.header)
  if (trials.length > 0) for (const t of targets) volumes.set(t.id, frontOf(trials, t, objectives, metric).hypervolume)
  const volume = () => ([...volumes.values()].reduce((a, b) => a + b, 0) / Math.max(1, volumes.size)).toFixed(3)
  const best = () => (state.best === undefined ? '–' : formatScore(metric, state.best)) + (engine === 'fake' ? ' (fake)' : '')
  return {
    state,
    take(event: StudyEvent): void {
      if (event.type === 'front:change') volumes.set(event.target, event.hypervolume)
      if (event.type === 'trial:end') count(event.trial)
    },
    standing: () => [`best ${best()}`, `hypervolume ${volume()}`] as const,
  }
}

function barReporter(store: StudyStore, limits: RunLimits, counts: Tally): Reporter {
  const { metric } = store.header.config
  const bar = new SingleBar({ format: (_options, _params, { line }) => line, stopOnComplete: false, hideCursor: true, fps: 20 })
  const view = boardOf(store, limits, counts)
  const line = () => ({ line: progressLine(view.line(), process.stderr.columns || 80, tableStyle().glyphs) })
  let timer: NodeJS.Timeout | undefined
  return (event) => {
    counts.take(event)
    view.take(event, metric)
    if (event.type === 'study:start') {
      bar.start(1, 0, line())
      timer = setInterval(() => bar.update(0, line()), 1000)
      timer.unref()
    } else if (event.type === 'study:end') {
      clearInterval(timer)
      bar.update(0, line())
      bar.stop()
    } else bar.update(0, line())
  }
}

/** What the bar says at any moment: of the search by trials or by time, then of polish by the clock. */
function boardOf(store: StudyStore, limits: RunLimits, counts: Tally) {
  const started = performance.now()
  const now = () => (performance.now() - started) / 1000
  const had = counts.state.trained
  let trials: number | null = null
  let workers = 1
  let note = 'teacher'
  let polish: { readonly from: number; readonly seconds: number; readonly networks: number; done: number } | undefined
  return {
    take(event: StudyEvent, metric: Metric): void {
      if (event.type === 'study:start') ({ trials, workers } = event)
      else if (event.type === 'trial:end') note = event.trial.text.slice(0, 24)
      else if (event.type === 'polish:start')
        polish = { from: now(), seconds: event.seconds, networks: event.trials.length, done: 0 }
      else if (event.type === 'polish:end') {
        if (polish) polish.done = Math.min(polish.networks, polish.done + 1)
        note = `polished: ${formatScore(metric, event.polish.int8)} (trial ${event.polish.trial})`
      } else if (event.type === 'test:end') note = `test: ${formatScore(metric, event.test.int8)} (trial ${event.test.trial})`
      else if (event.type === 'study:end') note = event.state
    },
    line(): ProgressLine {
      const details = [...counts.standing(), note]
      if (polish) {
        const { seconds, done, networks: all } = polish
        const left = Math.max(0, seconds - (now() - polish.from))
        return { etaSeconds: left, share: 1 - left / Math.max(1, seconds), count: `polish ${done}/${all}`, details }
      }
      const { trained } = counts.state
      const secondsLeft = limits.seconds === undefined ? undefined : limits.seconds - store.secondsBefore - now()
      const etaSeconds = etaOf({
        plan: store.header.plan,
        workers,
        trials,
        trained,
        trainedNow: trained - had,
        secondsNow: now(),
        secondsLeft,
      })
      const share = secondsLeft === undefined ? trained / Math.max(1, trials ?? 1) : 1 - secondsLeft / limits.seconds!
      const count = limits.trials === undefined ? `${trained} trained` : `${trained}/${limits.trials}`
      return { etaSeconds, share, count, details }
    },
  }
}

const networks = (n: number): string => (n === 1 ? 'one network' : `${n} networks`)
const formatScore = (metric: Metric, score: number): string =>
  isShare(metric.kind) ? formatPercent(score) : score.toPrecision(3)

function lineReporter(store: StudyStore, counts: Tally): Reporter {
  const { trained, infeasible, failed } = counts.state
  const already = `resumed: ${trained + infeasible + failed} trials, ${trained} trained · ${counts.standing().join(' · ')}`
  const { metric } = store.header.config
  return (event) => {
    if (event.type === 'study:start' && event.resumedTrials > 0) talk(already)
    counts.take(event)
    const line = describe(event, counts, metric)
    if (line) talk(line)
  }
}

function describe(event: StudyEvent, counts: Tally, metric: Metric): string | undefined {
  switch (event.type) {
    case 'study:start':
      return event.kernels === null ? undefined : `kernels: ${event.kernels}`
    case 'teacher:start':
      return `teacher: ${formatCount(event.macs)} MACs, ${formatCount(event.params)} parameters, in training beside the search`
    case 'teacher:end':
      return `teacher: ready${event.score === null ? '' : `, ${formatScore(metric, event.score)}`}${event.cached ? ' (cached)' : ''}`
    case 'trial:end':
      return `trial ${event.trial.n}: ${event.trial.state}${event.trial.score === null ? ` (${event.trial.reason})` : ` ${event.trial.score.toFixed(4)}`} · ${counts.standing().join(' · ')} · ${formatCount(event.trial.macs)} MACs`
    case 'search:end':
      return `search: ended (${event.reason}) after ${event.trained} trained networks`
    case 'polish:start':
      return `polish: ${networks(event.trials.length)} trained on, ${formatSeconds(event.seconds)}`
    case 'polish:end':
      return `polish: trial ${event.polish.trial} ${event.polish.int8.toFixed(4)}`
    case 'test:end':
      return `test: trial ${event.test.trial} ${event.test.int8.toFixed(4)}`
    case 'verify:end':
      return `verify: trial ${event.verify.trial} ${event.verify.checks.map((c) => `${c.name} ${c.status}`).join(', ')}`
    case 'study:end':
      return `study: ${event.state} in ${formatSeconds(event.seconds)}${idleText(event)}`
    default:
      return undefined
  }
}

/** ", idle workers 0.5 % in the search, 6.1 % with polish" */
export const idleText = ({ idleShare, idleShareInAll }: Extract<StudyEvent, { type: 'study:end' }>): string =>
  idleShare === null
    ? ''
    : `, idle workers ${formatPercent(idleShare)} in the search, ${formatPercent(idleShareInAll)} with polish`
