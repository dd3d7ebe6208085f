import { Presets, SingleBar } from 'cli-progress'
import type { StudyEvent } from '../run/events.ts'
import type { Metric } from '../search/metric.ts'
import { formatCount, formatPercent, formatSeconds } from '../util/units.ts'
import { talk, talkColour } from './output.ts'

export type Reporter = (event: StudyEvent) => void

const isBetter = (metric: Metric, a: number, b: number | undefined) =>
  b === undefined || (metric.kind === 'mae' || metric.kind === 'rmse' ? a < b : a > b)

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
    bestText: () =>
      state.best === undefined
        ? '–'
        : metric.kind === 'mae' || metric.kind === 'rmse'
          ? state.best.toPrecision(3)
          : formatPercent(state.best),
  }
}

function barReporter(metric: Metric): Reporter {
  const counts = tally(metric)
  const bar = new SingleBar(
    {
      format: ` ${talkColour.green('{bar}')} {value}/{total} · {trained} trained · best {best} · hypervolume {volume} · ETA {eta_formatted} · {note}`,
      stopOnComplete: false,
      hideCursor: true,
      etaBuffer: 8,
    },
    Presets.shades_classic,
  )
  const payload = (note: string) => ({ trained: counts.state.trained, best: counts.bestText(), volume: counts.volume(), note })
  return (event) => {
    counts.take(event)
    if (event.type === 'study:start') bar.start(Math.max(1, event.trials ?? 1), event.resumedTrials, payload('teacher'))
    else if (event.type === 'trial:end') {
      bar.setTotal(Math.max(bar.getTotal(), event.trial.n + 1))
      bar.update(event.trial.n + 1, payload(event.trial.text.slice(0, 24)))
    } else if (event.type === 'polish:start') {
      bar.setTotal(event.trials.length)
      bar.update(0, payload('polish'))
    } else if (event.type === 'polish:end')
      bar.increment(1, payload(`polished ${event.polish.trial}: ${formatPercent(event.polish.int8)}`))
    else if (event.type === 'study:end') bar.stop()
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
    case 'teacher:start':
      return `teacher: ${formatCount(event.macs)} MACs, ${formatCount(event.params)} parameters, in training beside the search`
    case 'teacher:end':
      return `teacher: ready${event.score === null ? '' : `, ${formatPercent(event.score)}`}${event.cached ? ' (cached)' : ''}`
    case 'trial:end':
      return `trial ${event.trial.n}: ${event.trial.state}${event.trial.score === null ? ` (${event.trial.reason})` : ` ${event.trial.score.toFixed(4)}`} · best ${counts.bestText()} · hypervolume ${counts.volume()} · ${formatCount(event.trial.macs)} MACs`
    case 'search:end':
      return `search: ended (${event.reason}) after ${event.trained} trained networks`
    case 'polish:end':
      return `polish: trial ${event.polish.trial} ${event.polish.int8.toFixed(4)}`
    case 'test:end':
      return `test: trial ${event.test.trial} ${event.test.int8.toFixed(4)}`
    case 'verify:end':
      return `verify: trial ${event.verify.trial} ${event.verify.checks.map((c) => `${c.name} ${c.status}`).join(', ')}`
    case 'study:end':
      return `study: ${event.state} in ${formatSeconds(event.seconds)}${event.idleShare === null ? '' : `, idle workers ${formatPercent(event.idleShare)}`}`
    default:
      return undefined
  }
}
