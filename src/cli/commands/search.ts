import { performance } from 'node:perf_hooks'
import { assumption } from '../../device/cores.ts'
import { banner, frontTable } from '../../report/terminal.ts'
import { resumeCommand } from '../../run/after/command.ts'
import { emptyFronts } from '../../run/after/nearest-miss.ts'
import { studyView } from '../../run/after/view.ts'
import { type OpenQueue, openQueue } from '../../run/queue/open.ts'
import { askedLimits, askedStudy, completeLimits, limitPart, resumedLimits, studyPart } from '../../run/record/asked.ts'
import type { StudyEvent } from '../../run/record/events.ts'
import type { RunLimits } from '../../run/record/options.ts'
import { resumeStudy, type StudyWithData, startStudy } from '../../run/record/start.ts'
import { runStudy } from '../../run/run-study.ts'
import { taskOf } from '../../task/lookup.ts'
import { exitCodes, TinyfrontError } from '../../util/errors.ts'
import { version } from '../../util/package-root.ts'
import { formatBytes, formatSeconds } from '../../util/units.ts'
import type { Options, Run } from '../options.ts'
import { print, printEvent, tableStyle, talk } from '../output.ts'
import { openPage } from '../page.ts'
import { idleText, progressReporter } from '../progress.ts'
import { shortTime } from '../short-time.ts'
import { writeReport } from './report.ts'

/** `tinyfront search` */
export const runSearch: Run = async (_args, options) => {
  const started = performance.now()
  const limits = completeLimits(askedLimits(limitPart(options)))
  const opened = await startStudy(askedStudy(studyPart(options)), limits, options.results, { fresh: options.fresh })
  return follow(opened, limits, options, performance.now() - started)
}

/** `tinyfront resume STUDY`: limits default to those that the study began with. */
export const runResume: Run = async ([name = ''], options) => {
  const started = performance.now()
  const opened = await resumeStudy(name, options.results)
  const limits = resumedLimits(opened.store.header.limits, askedLimits(limitPart(options)))
  return follow(opened, limits, options, performance.now() - started)
}

/** Runs a study to its end under the person's eyes; Ctrl-C once saves, twice drops what runs. */
export async function follow(
  { store, dataset }: StudyWithData,
  limits: RunLimits,
  options: Options,
  readyMs: number,
): Promise<number> {
  const stop = new AbortController()
  const drop = new AbortController()
  let byTerminal = false
  const onInterrupt = () => {
    byTerminal = true
    if (stop.signal.aborted) drop.abort()
    else {
      talk('\nfinishing what runs; Ctrl-C again drops it')
      stop.abort()
    }
  }
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onInterrupt)
  const page = options.ui
    ? await openPage(options, { study: store.study.name, stop: () => (stop.signal.aborted ? drop : stop).abort() })
    : undefined
  const report = options.quiet || options.json ? undefined : progressReporter(store, limits)
  let end: Extract<StudyEvent, { type: 'study:end' }> | undefined
  let queue: OpenQueue | undefined
  try {
    const { queue: address, ...how } = options
    if (address !== undefined) queue = await openQueue(store, { ...how, queue: address }, options.kernels, talk)
    const executor = queue ? { executor: queue.executor } : {}
    const ports = { signal: stop.signal, dropSignal: drop.signal, kernels: options.kernels, ...executor }
    const short = shortTime(store.header, limits.seconds)
    if (short && !options.quiet) talk(short)
    if (report)
      talk(banner('tinyfront', version(), readyMs, introduction({ store, dataset }, limits, queue?.shown), tableStyle()))
    for await (const event of runStudy(store, dataset, limits, ports)) {
      if (options.json) printEvent(event)
      report?.(event)
      page?.take(event)
      if (event.type === 'study:end') end = event
    }
    if (end?.state === 'nothing-fits') throw nothingFits(store)
    if (end?.state === 'interrupted' && store.trials().every((t) => t.state !== 'trained')) {
      talk('interrupted before the first network was trained')
      return exitCodes.interrupted
    }
    const path = writeReport(store, end?.idleShare ?? null)
    if (!options.json) {
      print(`\n${frontTable(studyView(store), tableStyle())}`)
      talk(`  report  ${path}`)
      talk(`  time    ${formatSeconds(end?.seconds ?? 0)}${end?.idleShare ? idleText(end) : ''}`)
    }
    return end?.state === 'interrupted' ? exitCodes.interrupted : exitCodes.ok
  } catch (error) {
    if (!drop.signal.aborted) throw error
    return exitCodes.interrupted
  } finally {
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onInterrupt)
    await queue?.close()
    await store.study.close()
    // whatever was said before, this is what a person looks for
    if (end ? end.state === 'interrupted' : drop.signal.aborted)
      talk(`go on: ${resumeCommand(store.study.name, options.results)}`)
    await page?.end(byTerminal)
  }
}

function introduction({ store, dataset }: StudyWithData, limits: RunLimits, queue: string | undefined) {
  const { config, targets, space, plan } = store.header
  const done = store.trials().length
  return [
    { label: 'study', value: config.study, ...(done > 0 ? { detail: `resumed at trial ${done}` } : {}) },
    {
      label: 'data',
      value: dataset.name,
      detail: `${dataset.splits.train.length} to train on · ${dataset.shape.join(' x ')} · ${taskOf(dataset.task).describe(dataset.classes.length)}`,
    },
    ...targets.flatMap(({ target, spec }) => [
      {
        label: 'board',
        value: target.id,
        detail: `${target.device.clockMhz} MHz ${target.device.core} · ${formatBytes(spec.budget.ramBytes)} RAM and ${formatBytes(spec.budget.flashBytes)} flash free`,
      },
      ...[assumption(target) ?? []].flat().map((value) => ({ label: 'assumed', value })),
    ]),
    {
      label: 'space',
      value: space.name,
      detail: `${plan.trial.recipe.warmExamples + plan.trial.recipe.tuneExamples} examples a trial, ${plan.polish.recipe.tuneExamples} a polish`,
    },
    ...dataset.report.warnings.map((warning) => ({ label: 'warning', value: warning })),
    ...dataset.report.notes.map((note) => ({ label: 'note', value: note })),
    {
      label: 'engine',
      value: config.engine,
      detail: `${queue ? `workers at ${queue}` : `${limits.workers} workers`} · seed ${config.seed}`,
    },
  ]
}

/** Exit code 3, with the nearest miss and what it would take. */
function nothingFits(store: StudyWithData['store']): TinyfrontError {
  const last = store.study.lines.findLast((line) => line.type === 'stop')
  if (last?.type === 'stop' && last.stop.reason === 'time')
    return new TinyfrontError(
      'nothingFits',
      'the time was over before one network that fits was found and trained',
      'give it a longer --time, or see `tinyfront plan` for what fits',
    )
  return emptyFronts(store)
}
