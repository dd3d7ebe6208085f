import { cpus } from 'node:os'
import { frontEndWork } from '../../data/seen-as.ts'
import { type FrontEndCost, logMelCost } from '../../device/front-end.ts'
import { batteryDays, type Duty } from '../../device/what-if.ts'
import { goodness } from '../../report/format.ts'
import { markRecommended } from '../../report/recommend.ts'
import {
  type FrontMember,
  type KeyValue,
  type MetricView,
  type StudyView,
  type TargetView,
  viewSchemaVersion,
} from '../../report/view.ts'
import { contenders, frontOf, isFeasible } from '../../search/front.ts'
import type { SearchSetup } from '../../search/strategy.ts'
import type { TargetSpec, Trial } from '../../search/trial.ts'
import { kernelsOf } from '../../store/kernels-note.ts'
import { taskOf } from '../../task/lookup.ts'
import { isShare, metricRows } from '../../task/metric.ts'
import { hashJson } from '../../util/hash.ts'
import { formatBytes, formatMilliseconds } from '../../util/units.ts'
import { dutyOf } from '../record/duty.ts'
import type { OpenHeader, TargetOnView } from '../record/header.ts'
import type { PolishLine, TestLine } from '../record/notes.ts'
import { studyOptions } from '../record/options.ts'
import { setupOf } from '../record/setup.ts'
import type { StudyStore } from '../record/study-store.ts'
import { commandOf } from './command.ts'
import { networkView } from './network-view.ts'
import { currentPolishes, publishedFront } from './published.ts'
import { toOpen } from './to-open.ts'

export type ViewOptions = {
  /** Boards to show instead of the study's own; their costs must be in the trials. */
  readonly targets?: readonly TargetOnView[]
  readonly trials?: readonly Trial[]
  /** Which networks are opened layer by layer: the recommended one of each board, which is the default, or the members of all fronts. */
  readonly open?: 'recommended' | 'front'
  /** Measured while the study ran; unknown afterwards. */
  readonly idleShare?: number | null
}

/** Everything that a report, a table or `front --json` says about a study: computed from its journal. */
export function studyView(store: StudyStore, options: ViewOptions = {}): StudyView {
  const { header } = store
  const setup = setupOf(header)
  const trials = options.trials ?? store.trials()
  const polishes = currentPolishes(store)
  const tests = new Map(store.tests().map((t) => [t.trial, t]))
  const onView = options.targets ?? header.targets
  const metric = metricView(header, polishes.length > 0)
  const frontEndCost = frontEndPricer(header)
  const targets = onView.map((t) => targetView(t, frontEndCost(t), setup, trials, polishes, tests, metric, dutyOf(header.config)))
  return {
    schemaVersion: viewSchemaVersion,
    study: header.config.study,
    seed: header.config.seed,
    metric,
    objectives: header.config.objectives,
    config: configLines(header),
    reproducibility: {
      version: header.raw.createdBy.replace('tinyfront ', ''),
      gitCommit: null,
      nodeVersion: process.version,
      cpu: cpus()[0]?.model ?? 'unknown',
      engine: header.config.engine,
      wasmHash: header.wasmHash,
      kernels: kernelsOf(store.folder),
      dataFingerprint: header.data.fingerprint,
      hashes: [
        { key: 'space', value: hashJson(header.space) },
        ...header.targets.map(({ target }) => ({ key: target.id, value: hashJson(target) })),
        { key: 'recipe', value: header.recipe },
      ],
      portable: header.raw.portable,
      command: commandOf(header.config, header.limits),
    },
    trials: {
      trained: trials.filter((t) => t.state === 'trained').length,
      infeasible: trials.filter((t) => t.state === 'infeasible').length,
      failed: trials.filter((t) => t.state === 'failed').length,
    },
    history: trials.map(({ n, state, score, macs, params, text, steps }) => ({
      n,
      state,
      score,
      macs,
      params,
      genomeText: text,
      seconds: state === 'trained' ? steps.reduce((sum, s) => sum + s.milliseconds, 0) / 1000 : null,
    })),
    targets,
    ...optimismOf(polishes, tests, metric),
    chosen: toOpen(targets, options.open ?? 'recommended').map(([n, ids]) =>
      networkView(
        store,
        setup,
        trials[n]!,
        onView.filter((t) => ids.includes(t.target.id)),
        tests.get(n),
      ),
    ),
    workers: {
      count: header.limits.workers,
      idleShare: options.idleShare ?? null,
      wallSeconds: store.study.lines.at(-1)?.seconds ?? null,
    },
    timing: timing(trials, polishes),
    next: toOpen(targets, 'recommended')
      .slice(0, 1)
      .flatMap(([n]) => nextSteps(header.config.study, n)),
  }
}

export const metricView = ({ config: { metric, engine }, data }: OpenHeader, polished: boolean): MetricView => {
  const { kind: name } = metric
  return {
    name,
    split: polished ? 'selection-validation' : 'search-validation',
    ...(data.examples ? { examples: polished ? data.examples.selection : data.examples.search } : {}),
    better: metricRows[name]!.better,
    // what a reader of version 1 takes for granted is not said
    ...(isShare(name) === (metricRows[name]!.better === 'up') ? {} : { unit: metricRows[name]!.unit }),
    ...(engine === 'fake' ? { fake: true as const } : {}),
  }
}

function targetView(
  { target, spec }: TargetOnView,
  frontEnd: FrontEndCost | null,
  setup: SearchSetup,
  trials: readonly Trial[],
  polishes: readonly PolishLine[],
  tests: ReadonlyMap<number, TestLine>,
  metric: MetricView,
  duty: Duty | undefined,
): TargetView {
  const front = publishedFront(trials, polishes, spec, setup.objectives, setup.metric)
  const byTrial = new Map(polishes.map((p) => [p.trial, p]))
  const members = front.trials.map((t) => memberView(t, target.id, byTrial.get(t.n), tests.get(t.n), duty))
  const on = new Set(front.trials.map((t) => t.n))
  return {
    ...boardView({ target, spec }, frontEnd),
    hypervolume: front.hypervolume,
    hypervolumeOverTrials: hypervolumeOverTrials(setup, spec, trials),
    front: markRecommended(members, spec.budget, metric),
    dominated: trials
      .filter((t) => isFeasible(t, target.id) && !on.has(t.n))
      .map((t) => {
        const { latencyMs, ramBytes, flashBytes } = t.costs[target.id]!
        return { trial: t.n, score: t.score!, latencyMs, ramBytes, flashBytes }
      }),
  }
}

/** What a board is, apart from any trial. */
export const boardView = ({ target, spec }: TargetOnView, frontEnd: FrontEndCost | null) => ({
  target: target.id,
  title: `${target.device.name}, ${target.runtime.name}`,
  facts: [
    `${target.device.clockMhz} MHz ${target.device.core}`,
    `${formatBytes(target.device.ramBytes)} RAM`,
    `${formatBytes(target.device.flashBytes)} flash`,
    ...(frontEnd ? [frontEndText(frontEnd)] : []),
    ...(target.runtime.accelerator ? ['coarse prices of an accelerator: `tinyfront profile` says which operators map'] : []),
  ],
  ...(frontEnd ? { frontEnd } : {}),
  calibrated: target.latency.calibrated,
  budget: spec.budget,
  reference: spec.reference,
})

/** By how much the split that chose these networks flatters them: the mean over those that were tested. */
function optimismOf(
  polishes: readonly PolishLine[],
  tests: ReadonlyMap<number, TestLine>,
  metric: MetricView,
): Pick<StudyView, 'optimism'> {
  const pairs = polishes.flatMap((p) =>
    tests.has(p.trial) ? [goodness(metric, p.int8) - goodness(metric, tests.get(p.trial)!.int8)] : [],
  )
  if (pairs.length === 0) return {}
  return { optimism: { mean: pairs.reduce((sum, x) => sum + x, 0) / pairs.length, networks: pairs.length } }
}

/** Price of what stands before the network, which its own costs leave out; null where there is nothing to price. */
export function frontEndPricer(header: Pick<OpenHeader, 'data'>): (board: TargetOnView) => FrontEndCost | null {
  const work = frontEndWork(header.data.frontEnd)
  return ({ target }) => work && logMelCost(work, target.device)
}

const frontEndText = ({ latencyMs, windowMs, ramBytes, flashBytes, cmsisDsp }: FrontEndCost) =>
  `front end besides: ${formatMilliseconds(latencyMs)} a clip (${formatMilliseconds(windowMs)} a window, estimated), ${formatBytes(ramBytes)} RAM, ${formatBytes(flashBytes)} flash${cmsisDsp ? ` (a log-mel by CMSIS-DSP in float32: ${formatMilliseconds(cmsisDsp.windowMs)} a window)` : ''}`

export function memberView(
  trial: Trial,
  id: string,
  polish: PolishLine | undefined,
  test: TestLine | undefined,
  duty: Duty | undefined,
): FrontMember {
  const { latencyMs, latencyLowMs, latencyHighMs, ramBytes, flashBytes, energyUj } = trial.costs[id]!
  const float32 = polish?.float32 ?? trial.steps.find((s) => s.step === 'distilled' || s.step === 'tuned')?.score ?? null
  return {
    trial: trial.n,
    genome: trial.text,
    accuracy: {
      float32,
      int8: polish?.int8 ?? trial.score,
      test: test?.int8 ?? null,
      testLow: test?.low ?? null,
      testHigh: test?.high ?? null,
    },
    cost: {
      latencyMs,
      latencyLowMs,
      latencyHighMs,
      ramBytes,
      flashBytes,
      energyUj,
      ...(duty ? { batteryDays: batteryDays(trial.costs[id]!, duty) } : {}),
      macs: trial.macs,
      params: trial.params,
    },
  }
}

/** The hypervolume whenever a trial joined the front, by the search's scores. */
function hypervolumeOverTrials(
  setup: SearchSetup,
  spec: TargetSpec,
  trials: readonly Trial[],
): { trial: number; value: number }[] {
  const points: { trial: number; value: number }[] = []
  let members: readonly Trial[] = []
  for (const [i, trial] of trials.entries()) {
    if (!isFeasible(trial, spec.id)) continue
    const front = frontOf(contenders({ trials: members }, trials.slice(0, i + 1)), spec, setup.objectives, setup.metric)
    if (!front.trials.includes(trial)) continue
    members = front.trials
    points.push({ trial: trial.n, value: front.hypervolume })
  }
  return points
}

export function timing(trials: readonly Trial[], polishes: readonly PolishLine[]): { name: string; seconds: number }[] {
  const names = {
    float: 'training before pruning',
    pruned: 'pruning',
    distilled: 'distillation',
    tuned: 'fine-tuning',
    int8: 'int8',
    equalised: 'int8',
    qat: 'int8 training',
  } as const
  const totals = new Map<string, number>()
  const add = (name: string, ms: number) => totals.set(name, (totals.get(name) ?? 0) + ms / 1000)
  for (const t of trials) for (const s of t.steps) add(names[s.step], s.milliseconds)
  for (const p of polishes) for (const s of p.steps) add('polish', s.milliseconds)
  return [...totals].map(([name, seconds]) => ({ name, seconds }))
}

export function configLines(header: OpenHeader): KeyValue[] {
  const { config, data, plan } = header
  const line = (key: string, value: unknown): KeyValue => ({ key, value: String(value) })
  return [
    line('data', `${config.data} (${data.kind}, ${data.shape.join(' x ')}, ${taskOf(data.task).describe(data.classes.length)})`),
    line('space', header.space.name),
    line('strategy', config.strategy),
    line('objectives', config.objectives.join(', ')),
    line('metric', studyOptions.metric.write(config.metric)),
    line('engine', config.engine),
    line('teacher', config.teacher),
    line('importance', config.importance),
    ...(config.pruneRounds > 0 ? [line('rounds of pruning in polish', config.pruneRounds)] : []),
    ...(config.dropout > 0 ? [line('dropout', config.dropout)] : []),
    line('int8 may lose', config.int8Tolerance === null ? 'anything' : `${config.int8Tolerance} points`),
    line('examples per trial', plan.trial.recipe.warmExamples + plan.trial.recipe.tuneExamples),
    line('examples per polish', plan.polish.recipe.tuneExamples),
    ...header.targets.map(({ target, spec }) =>
      line(`budget of ${target.id}`, `${formatBytes(spec.budget.ramBytes)} RAM, ${formatBytes(spec.budget.flashBytes)} flash`),
    ),
  ]
}

const nextSteps = (study: string, n: number) => [
  { what: 'look at its layers', command: `tinyfront show ${study} ${n}` },
  { what: 'export it as C', command: `tinyfront export ${study} ${n} --format c` },
  { what: 'check it', command: `tinyfront verify ${study} ${n}` },
]
