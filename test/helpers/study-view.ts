import { recommend } from '../../src/report/recommend.ts'
import type {
  CompareView,
  DominatedPoint,
  FrontMember,
  HistoryPoint,
  LayerView,
  NetworkView,
  StudyView,
  TargetView,
} from '../../src/report/view.ts'
import { viewSchemaVersion } from '../../src/report/view.ts'
import { rng } from '../../src/util/rng.ts'

/** A made-up study for tests and for looking at the report. Its numbers are plausible and invented: no test may take them for results. */
export type MadeUp = {
  readonly trials?: number
  readonly boards?: number
  readonly classes?: readonly string[]
  readonly seed?: number
  readonly study?: string
}

const boards = [
  {
    target: 'stm32f746',
    title: 'STM32F746G-DISCO',
    core: 'Cortex-M7',
    mhz: 216,
    ram: 320e3,
    flash: 1e6,
    macsPerMs: 62e3,
    mw: 420,
    calibrated: true,
  },
  {
    target: 'nrf52840',
    title: 'nRF52840-DK',
    core: 'Cortex-M4F',
    mhz: 64,
    ram: 256e3,
    flash: 1e6,
    macsPerMs: 11e3,
    mw: 22,
    calibrated: true,
  },
  {
    target: 'rp2040',
    title: 'Raspberry Pi Pico',
    core: 'Cortex-M0+',
    mhz: 133,
    ram: 264e3,
    flash: 2e6,
    macsPerMs: 5.2e3,
    mw: 80,
    calibrated: false,
  },
  {
    target: 'stm32h743',
    title: 'NUCLEO-H743ZI',
    core: 'Cortex-M7',
    mhz: 480,
    ram: 512e3,
    flash: 2e6,
    macsPerMs: 140e3,
    mw: 900,
    calibrated: true,
  },
  {
    target: 'esp32s3',
    title: 'ESP32-S3-DevKitC',
    core: 'Xtensa LX7',
    mhz: 240,
    ram: 512e3,
    flash: 8e6,
    macsPerMs: 48e3,
    mw: 240,
    calibrated: false,
  },
  {
    target: 'stm32l432',
    title: 'NUCLEO-L432KC',
    core: 'Cortex-M4F',
    mhz: 80,
    ram: 64e3,
    flash: 256e3,
    macsPerMs: 13e3,
    mw: 28,
    calibrated: true,
  },
]
type Board = (typeof boards)[number]
const digits = (x: number, n: number) => Number(x.toPrecision(n))

type Made = { readonly point: HistoryPoint; readonly ram: number; readonly flash: number; readonly slow: number }

function makeTrial(n: number, seed: number): Made {
  const random = rng(seed, 'made-up', n)
  const learned = Math.min(1, n / 120)
  const macs = Math.round(10 ** (5 + 2.6 * random.next()))
  const params = Math.round(900 + macs ** 0.72 * (0.4 + random.next()))
  const limit = 0.975 - 0.42 * (macs / 1e5) ** -0.32
  const score = Math.max(0.09, limit - Math.abs(random.normal()) * (0.14 - 0.1 * learned))
  const kernel = random.pick(['k3e4d2', 'k5e3d2', 'k7e6d1', 'k3e6d3'])
  const state = random.next() < 0.24 ? 'infeasible' : random.next() < 0.012 ? 'failed' : 'trained'
  return {
    point: {
      n,
      state,
      score: state === 'trained' ? digits(score, 4) : null,
      macs,
      params,
      genomeText: `w=${random.pick(['0.25', '0.5', '0.75', '1.0'])} r=${random.pick([24, 28, 32, 40])} s1=${kernel} s2=${random.pick(['k3e3d2', 'k5e4d3'])} keep=${random.pick(['0.5', '0.75', '1'])}`,
      seconds: state === 'trained' ? digits(3 + macs / 4e5 + random.next(), 4) : null,
    },
    ram: Math.round((5e3 + macs ** 0.62 * 3.1 * (0.6 + 0.8 * random.next())) / 16) * 16,
    flash: Math.round(36e3 + params * 1.08),
    slow: 0.7 + 0.8 * random.next(),
  }
}

function member(t: Made, b: Board): FrontMember {
  const int8 = t.point.score!
  const latency = (t.point.macs / b.macsPerMs) * t.slow + 0.4
  const margin = b.calibrated ? 0.1 : 0.35
  const test = int8 - 0.008
  return {
    trial: t.point.n,
    genome: t.point.genomeText,
    accuracy: {
      float32: digits(Math.min(0.999, int8 + 0.006), 4),
      int8,
      test: digits(test, 4),
      testLow: digits(test - 0.013, 4),
      testHigh: digits(test + 0.012, 4),
    },
    cost: {
      latencyMs: digits(latency, 4),
      latencyLowMs: digits(latency * (1 - margin), 4),
      latencyHighMs: digits(latency * (1 + margin), 4),
      ramBytes: t.ram,
      flashBytes: t.flash,
      energyUj: b.calibrated ? digits(latency * b.mw, 4) : null,
      macs: t.point.macs,
      params: t.point.params,
    },
  }
}

const beats = (a: FrontMember, b: FrontMember) =>
  a.accuracy.int8! >= b.accuracy.int8! &&
  a.cost.latencyMs <= b.cost.latencyMs &&
  a.cost.ramBytes <= b.cost.ramBytes &&
  a.cost.flashBytes <= b.cost.flashBytes

function makeTarget(b: Board, trials: readonly Made[]): TargetView {
  const budget = {
    ramBytes: b.ram * 0.8,
    flashBytes: b.flash * 0.9,
    ...(b.target === 'rp2040' ? {} : { latencyMs: b.mhz > 200 ? 100 : 250 }),
  }
  const members = trials
    .filter((t) => t.point.state === 'trained')
    .map((t) => member(t, b))
    .filter(
      (m) =>
        m.cost.ramBytes <= budget.ramBytes &&
        m.cost.flashBytes <= budget.flashBytes &&
        m.cost.latencyMs <= (budget.latencyMs ?? 1e9),
    )
  const front: FrontMember[] = []
  for (const m of [...members].sort((x, y) => y.accuracy.int8! - x.accuracy.int8! || x.cost.latencyMs - y.cost.latencyMs))
    if (!front.some((f) => beats(f, m))) front.push(m)
  const kept = new Set(front)
  const dominated: DominatedPoint[] = members
    .filter((m) => !kept.has(m))
    .map((m) => ({
      trial: m.trial,
      score: m.accuracy.int8!,
      latencyMs: m.cost.latencyMs,
      ramBytes: m.cost.ramBytes,
      flashBytes: m.cost.flashBytes,
    }))
  let best = 0
  const hypervolumeOverTrials = trials.map((t) => {
    const random = rng('hv', b.target, t.point.n)
    if (t.point.state === 'trained' && random.next() < 0.5 / Math.sqrt(t.point.n + 1)) best += (0.78 - best) * 0.3 * random.next()
    return { trial: t.point.n, value: digits(best, 4) }
  })
  return {
    target: b.target,
    title: `${b.title}, TFLM + CMSIS-NN`,
    facts: [`${b.mhz} MHz ${b.core}`, `${b.ram / 1e3} kB RAM`, `${b.flash / 1e6} MB flash`],
    calibrated: b.calibrated,
    budget,
    reference: [0.89, budget.latencyMs ?? 1000, budget.ramBytes, budget.flashBytes],
    hypervolume: digits(best, 4),
    hypervolumeOverTrials,
    front,
    dominated,
  }
}

function makeNetwork(trial: number, targets: readonly string[], classes: readonly string[], seed: number): NetworkView {
  const random = rng(seed, 'network', trial)
  const kinds = [
    'conv2d',
    'depthwise',
    'conv2d',
    'depthwise',
    'conv2d',
    'conv2d',
    'depthwise',
    'conv2d',
    'add',
    'conv2d',
    'depthwise',
    'conv2d',
    'mean',
    'dense',
    'softmax',
  ]
  const sizes = [
    [48, 48, 8],
    [48, 48, 8],
    [48, 48, 16],
    [24, 24, 16],
    [24, 24, 24],
    [24, 24, 72],
    [24, 24, 72],
    [24, 24, 24],
    [24, 24, 24],
    [24, 24, 96],
    [12, 12, 96],
    [12, 12, 40],
    [1, 1, 40],
    [1, 1, classes.length],
    [1, 1, classes.length],
  ]
  const bytes = [96 * 96 * 3, ...sizes.map(([h, w, c]) => h! * w! * c!)]
  const live = kinds.map((_, i) => bytes[i]! + bytes[i + 1]! + (i >= 5 && i <= 8 ? 24 * 24 * 24 : 0))
  const peak = live.indexOf(Math.max(...live))
  const shares = kinds.map(() => random.next() ** 2)
  const total = shares.reduce((a, b) => a + b, 0)
  const windowed = (kind: string) => kind === 'conv2d' || kind === 'depthwise'
  const layers: LayerView[] = kinds.map((kind, i) => ({
    index: i,
    kind,
    output: sizes[i]!,
    kernel: windowed(kind) ? (kind === 'depthwise' ? [3, 3] : [1, 1]) : null,
    stride: windowed(kind) ? (i === 0 || i === 3 || i === 10 ? [2, 2] : [1, 1]) : null,
    macs: windowed(kind) ? bytes[i + 1]! * (kind === 'depthwise' ? 9 : 16) : 0,
    weightBytes: windowed(kind) ? sizes[i]![2]! * (kind === 'depthwise' ? 9 : 16) : 0,
    latencyShare: shares[i]! / total,
    ramLiveBytes: live[i]!,
    isPeak: i === peak,
  }))
  const arenaBytes = Math.max(...live) + 1536
  const ramMap = bytes.slice(0, -1).map((sizeBytes, t) => ({
    tensor: t,
    label: t === 0 ? 'input' : `${kinds[t - 1]} ${t - 1}`,
    offset: t % 2 === 0 ? 0 : arenaBytes - sizeBytes - 1536,
    sizeBytes,
    first: Math.max(0, t - 1),
    last: t === 5 ? 8 : t,
  }))
  const counts = classes.map((_, t) =>
    classes.map((_, p) => (t === p ? 160 + random.int(40) : random.next() < 0.35 ? random.int(14) : 0)),
  )
  return {
    trial,
    targets,
    layers,
    ramMap,
    arenaBytes,
    steps: [
      { step: 'float', score: 0.921, bytes: 412e3, macs: 6.1e6, milliseconds: 41_200 },
      { step: 'pruned', score: 0.893, bytes: 248e3, macs: 3.4e6, milliseconds: 6_300 },
      { step: 'distilled', score: 0.934, bytes: 248e3, macs: 3.4e6, milliseconds: 28_900 },
      { step: 'int8', score: 0.929, bytes: 66e3, macs: 3.4e6, milliseconds: 1_900 },
    ],
    weightBytes: { float32: 248e3, float16: 124e3, dynamicRange: 66e3, int8: 66e3, coded: 55e3, clustered: 29e3, sparse: 37e3 },
    confusion: { classes, counts, split: 'test' },
    verification: [
      { status: 'equal', text: 'TFLite file re-read and run: 1,000 of 1,000 outputs equal to the evaluator, byte for byte' },
      { status: 'equal', text: 'emulated Cortex-M7: every layer equal; arena 98,304 bytes as predicted' },
    ],
    curve: [
      { seconds: 41.2, score: 0.921, split: 'search-validation', step: 'float', round: null },
      { seconds: 76.4, score: 0.934, split: 'search-validation', step: 'distilled', round: null },
      { seconds: 210.1, score: 0.948, split: 'selection-validation', step: 'tuned', round: 0 },
      { seconds: 344.9, score: 0.951, split: 'selection-validation', step: 'tuned', round: 1 },
    ],
    files: [
      { name: `trial-${trial}.tflite`, path: `models/trial-${trial}.tflite`, bytes: 71_236 },
      { name: `trial-${trial}-c/main.c`, path: `export/trial-${trial}-c/main.c`, bytes: 1204 },
    ],
  }
}

export function madeUpStudy({
  trials = 240,
  boards: n = 3,
  seed = 1,
  study = 'kws-home',
  classes = words,
}: MadeUp = {}): StudyView {
  const made = Array.from({ length: trials }, (_, i) => makeTrial(i, seed))
  const targets = boards.slice(0, n).map((b) => makeTarget(b, made))
  const count = (state: HistoryPoint['state']) => made.filter((t) => t.point.state === state).length
  const picks = targets.slice(0, 2).flatMap((t) => {
    const choice = recommend(t.front, t.budget, { name: 'accuracy', split: 'search-validation' })
    return choice ? [{ trial: choice.trial, target: t.target }] : []
  })
  return {
    schemaVersion: viewSchemaVersion,
    study,
    seed: 42,
    metric: { name: 'accuracy', split: 'search-validation' },
    objectives: ['error', 'latency', 'ram', 'flash'],
    config: [
      { key: 'space', value: 'search-spaces/ds-cnn.json' },
      { key: 'data', value: './keywords (10 classes, 23,480 clips of 1 s)' },
      { key: 'trials', value: String(trials) },
      { key: 'strategy', value: 'nsga2, population 24, lag 8' },
      { key: 'distillation', value: 'teacher.safetensors, alpha 0.3, T 4' },
      { key: 'pruning', value: 'L1, genes keep=0.5|0.75|1' },
    ],
    reproducibility: {
      version: '0.1.0',
      gitCommit: '64a237d',
      nodeVersion: 'v20.20.2',
      cpu: 'AMD EPYC 7763, 2 cores',
      engine: 'wasm (SIMD128)',
      kernels: ['native avx2'],
      wasmHash: '9f0c2b7e41d83a65',
      dataFingerprint: '5be1f5a0c8274d19',
      hashes: [
        { key: 'space ds-cnn', value: 'a3f1c09be2d47781' },
        { key: 'coefficients', value: '07be11f4a9c65d20' },
      ],
      portable: true,
      command: `tinyfront search --study ${study} --data ./keywords --space ds-cnn --seed 42 --trials ${count('trained')}`,
    },
    trials: { trained: count('trained'), infeasible: count('infeasible'), failed: count('failed') },
    history: made.map((t) => t.point),
    targets,
    chosen: [...new Set(picks.map((p) => p.trial))].map((n) =>
      makeNetwork(
        n,
        picks.filter((p) => p.trial === n).map((p) => p.target),
        classes,
        seed,
      ),
    ),
    workers: { count: 2, idleShare: 0.041, wallSeconds: trials * 6.4 },
    timing: [
      { name: 'training', seconds: trials * 7.1 },
      { name: 'distillation', seconds: trials * 2.4 },
      { name: 'fine-tuning after pruning', seconds: trials * 1.1 },
      { name: 'calibration and int8', seconds: trials * 0.6 },
      { name: 'evaluation', seconds: trials * 0.4 },
    ],
    next: [
      { what: 'Open a network', command: `tinyfront show ${study} 7` },
      { what: 'Export it', command: `tinyfront export ${study} 7 --format tflite` },
      { what: 'Verify it on an emulated board', command: `tinyfront verify ${study} 7 --target stm32f746` },
    ],
  }
}

const words = ['yes', 'no', 'up', 'down', 'left', 'right', 'on', 'off', 'stop', 'silence']

export function madeUpComparison(study: StudyView = madeUpStudy()): CompareView {
  return {
    schemaVersion: study.schemaVersion,
    title: `${study.study}: ${study.targets.map((t) => t.target).join(' · ')}`,
    metric: study.metric,
    objectives: study.objectives,
    entries: study.targets.map((t) => ({
      name: t.title,
      study: study.study,
      target: t.target,
      facts: t.facts,
      budget: t.budget,
      front: t.front,
      reference: t.reference,
      hypervolume: t.hypervolume,
    })),
  }
}
