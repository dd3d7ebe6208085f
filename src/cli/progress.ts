import { Presets, SingleBar } from 'cli-progress'
import type { StudyEvent } from '../run/record/events.ts'
import { errorOf, isShare, type Metric } from '../task/metric.ts'
import { formatCount, formatPercent, formatSeconds } from '../util/units.ts'
import { talk, talkColour } from './output.ts'

export type Reporter = (event: StudyEvent) => void

const isBetter = (metric: Metric, a: number, b: number | undefined) => b === undefined || errorOf(metric, a) < errorOf(metric, b)

/** What the person sees of a running study, on stderr: a bar on a terminal, a line per event in a pipe. */
export function progressReporter(metric: Metric): Reporter {
  return process.stderr.isTTY && !process.env.CI ? barReporter(metric) : lineReporter(metric)
}

/** Counters that both reporters show. */
function tally(metric: Metric) {
  const volumes = new Map<string, number>()
  const state = { trained: 0, infeasible: 0, failed: 0, best: undefined as number | undefined, volumes }
  return {
    state,
    take(event: StudyEvent): void {
      if (event.type === 'front:change') volumes.set(event.target, event.hypervolume)
      if (event.type !== 'trial:end') return
      state[event.trial.state]++
      const { score } = event.trial
      if (score !== null && isBetter(metric, score, state.best)) state.best = score
    },
    volume: () => ([...volumes.values()].reduce((a, b) => a + b, 0) / Math.max(1, volumes.size)).toFixed(3),
    bestText: () => (state.best === undefined ? '–' : formatScore(metric, state.best)),
  }
}

function barReporter(metric: Metric): Reporter {
  const counts = tally(metric)
  const bar = new SingleBar(
    {
      format: ` ${talkColour.green('{bar}')} {count} · {trained} trained · best {best} · hypervolume {volume} · ETA {eta_formatted} · {note}`,
      stopOnComplete: false,
      hideCursor: true,
      etaBuffer: 8,
    },
    Presets.shades_classic,
  )
  const payload = (count: string, note: string) => {
    const { trained } = counts.state
    return { count, note, trained, best: counts.bestText(), volume: counts.volume() }
  }
  const clock = polishClock((second, seconds, note) => {
    bar.setTotal(Math.max(seconds, second + 1))
    bar.update(second, payload(`${formatSeconds(second)} of ${formatSeconds(seconds)}`, note))
  })
  return (event) => {
    counts.take(event)
    if (event.type === 'study:start') {
      const total = Math.max(1, event.trials ?? event.plan.expectedTrials ?? 1)
      bar.start(total, event.resumedTrials, payload(`${event.resumedTrials}/${total}`, 'teacher'))
    } else if (event.type === 'trial:end') {
      bar.setTotal(Math.max(bar.getTotal(), event.trial.n + 1))
      bar.update(event.trial.n + 1, payload(`${event.trial.n + 1}/${bar.getTotal()}`, event.trial.text.slice(0, 24)))
    } else if (event.type === 'polish:start') clock.start(event.seconds, `polish of ${networks(event.trials.length)}`)
    else if (event.type === 'polish:end')
      clock.note(`polish: ${formatScore(metric, event.polish.int8)} (trial ${event.polish.trial})`)
    else if (event.type === 'test:end') clock.note(`test: ${formatScore(metric, event.test.int8)} (trial ${event.test.trial})`)
    else if (event.type === 'study:end') {
      clock.stop()
      bar.stop()
    }
  }
}

const networks = (n: number): string => (n === 1 ? 'one network' : `${n} networks`)
const formatScore = (metric: Metric, score: number): string =>
  isShare(metric.kind) ? formatPercent(score) : score.toPrecision(3)

/** Polish takes long between events: its bar follows the clock. */
function polishClock(show: (second: number, seconds: number, note: string) => void) {
  let timer: NodeJS.Timeout | undefined
  let note = ''
  return {
    start(seconds: number, first: string): void {
      const from = performance.now()
      note = first
      timer = setInterval(() => show(Math.round((performance.now() - from) / 1000), Math.round(seconds), note), 1000)
      timer.unref()
      show(0, Math.round(seconds), note)
    },
    note(text: string): void {
      note = text
    },
    stop: () => clearInterval(timer),
  }
}

function lineReporter(metric: Metric): Reporter {
  const counts = tally(metric)
  return (event) => {
    counts.take(event)
    const line = describe(event, counts)
    if (line) talk(line)
  }
}

function describe(event: StudyEvent, counts: ReturnType<typeof tally>): string | undefined {
  switch (event.type) {
    case 'study:start':
      return event.kernels === null ? undefined : `kernels: ${event.kernels}`
    case 'teacher:start':
      return `teacher: ${formatCount(event.macs)} MACs, ${formatCount(event.params)} parameters, in training beside the search`
    case 'teacher:end':
      return `teacher: ready${event.score === null ? '' : `, ${formatPercent(event.score)}`}${event.cached ? ' (cached)' : ''}`
    case 'trial:end':
      return `trial ${event.trial.n}: ${event.trial.state}${event.trial.score === null ? ` (${event.trial.reason})` : ` ${event.trial.score.toFixed(4)}`} · best ${counts.bestText()} · hypervolume ${counts.volume()} · ${formatCount(event.trial.macs)} MACs`
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
