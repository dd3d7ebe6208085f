import type { Summary } from './evaluate.ts'
import { floorsPage } from './floors.ts'
import { percent } from './percent.ts'
import type { Scorecard } from './scorecard.ts'

const short = (s: Summary | null): string => (s ? percent(s.mape) : '-')
const full = (s: Summary): string =>
  `${percent(s.mape)} | ${percent(s.median)} | ${percent(s.p90)} | ${percent(s.within10)} | ${percent(s.within20)}`

/** The scorecard as a page. */
export function scorecardPage(card: Scorecard): string {
  const many = card.targets.filter((t) => t.models >= 4)
  const few = card.targets.filter((t) => t.models < 4)
  const lines = [
    '# How good the latency predictions are',
    '',
    'Written by `npx tsx bench/fit-predictors.ts` from published measurements (named at the end). All figures are relative errors of int8',
    'latency. *In sample* are rows that the fit has seen; all others are rows that it did not see. *Left out* says what was hidden: a network (every',
    'row of it, on every board), a family of networks, a board. MAPE to *inside* are of networks left out; *inside* is the share of them in the 90 %',
    'interval. MACs only and MACs per kind are refitted per target with the network left out, as most tools do.',
    '',
    '## Targets with at least four measured networks',
    '',
    '| target | rows | networks | families | in sample | MAPE | median | p90 | within 10 % | within 20 % | inside | family left out | board left out | MACs only | MACs per kind |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...many.map(
      (t) =>
        `| ${t.target} | ${t.leaveModelOut.rows} | ${t.models} | ${t.families} | ${short(t.inSample)} | ${full(t.leaveModelOut)} | ${percent(t.coverage)} | ${short(t.leaveFamilyOut)} | ${short(t.leaveDeviceOut)} | ${short(t.macsOnly)} | ${short(t.macsPerKind)} |`,
    ),
    '',
    '## Targets with one to three',
    '',
    'With so few networks leaving one out leaves little or nothing of the target; the prediction then comes from its core.',
    '',
    '| target | rows | networks | in sample | network left out | inside | board left out | MACs only |',
    '|---|---|---|---|---|---|---|---|',
    ...few.map(
      (t) =>
        `| ${t.target} | ${t.leaveModelOut.rows} | ${t.models} | ${short(t.inSample)} | ${short(t.leaveModelOut)} | ${percent(t.coverage)} | ${short(t.leaveDeviceOut)} | ${short(t.macsOnly)} |`,
    ),
    '',
    '## All Cortex-M targets together',
    '',
    '| | rows | MAPE | median | p90 | within 10 % | within 20 % |',
    '|---|---|---|---|---|---|---|',
    ...(
      [
        ['in sample', card.pooled.inSample],
        ['network left out', card.pooled.leaveModelOut],
        ['family left out', card.pooled.leaveFamilyOut],
        ['board left out', card.pooled.leaveDeviceOut],
        ['MACs only, network left out', card.pooled.macsOnly],
        ['MACs per kind, network left out', card.pooled.macsPerKind],
      ] as const
    ).map(([name, s]) => `| ${name} | ${s.rows} | ${full(s)} |`),
    '',
    `The 90 % intervals of calibrated targets hold ${percent(card.intervalCoverage)} of the left-out measurements (all cores; width chosen without the row in question).`,
    `Where a whole board is hidden, with its rows, from fit and interval, they hold ${percent(card.hiddenCoverage.rows)} of its measurements (mean over targets ${percent(card.hiddenCoverage.targets)}); the interval's upper end is ${card.hiddenCoverage.width.toFixed(2)} times the prediction in the median.`,
    'What a few measurements of a hidden board are worth: [devices.md](devices.md), `npm run bench:calibrate`.',
    '',
    ...floorsPage(card),
    '## Single operators (TFLM + CMSIS-NN, ten-fold)',
    '',
    '| board | operator | rows | MAPE | p90 | shape left out | MACs only |',
    '|---|---|---|---|---|---|---|',
    ...card.operators.map(
      (o) =>
        `| ${o.board} | ${o.kind} | ${o.ours.rows} | ${percent(o.ours.mape)} | ${percent(o.ours.p90)} | ${percent(o.leaveShapeOut.mape)} | ${percent(o.macsOnly.mape)} |`,
    ),
    '',
    '## What the figures rest on',
    '',
    ...sources.map((s) => `- ${s}`),
    '',
  ]
  return lines.join('\n')
}

/** Only fitted coefficients are part of this project; the records stay with their authors. */
const sources = [
  'mlcommons/tiny_results v0.5 to v1.3 and mlcommons/tiny (Apache-2.0): four reference networks on many boards. Visual wake words of rounds from 1.1 on is left out: several submitters pruned it.',
  'stm32ai-modelzoo v1.0 to v4 and stm32ai-nota: X-CUBE-AI 7.3 to 10 and ST Edge AI Core 3 and 4 on STM32H747, F769, U585.',
  'mit-han-lab/tinyengine (MIT): TinyEngine, TFLM, CMSIS-NN and X-CUBE-AI on STM32H743; the clock is not stated, 480 MHz assumed.',
  'Black3rror/EdgeMark (MIT): small dense and convolutional networks on STM32L4R5 and RX65N. On RX65N two networks of one kind differ eightfold per MAC; that target is not trustworthy.',
  'tk-king/MicroNas fa6b6d2 (no licence: facts used for fitting, records not shipped): 6,540 single operators on STM32F446, STM32L552 and nRF52832.',
  'STM32 boards and others under Plumerai, Bosch HALE and sipeed/TinyMaix (MLPerf Tiny submissions and ports by users): runtimes that are not ours, never scored; they say how fast one board or core is against another.',
  'espressif/esp-nn, SamsiGg thesis, raspberrypi/pico-tflmicro, SiliconLabs/mltk, Samsung/ONE issue 7598: few networks each.',
  'Own instruction counts under QEMU of CMSIS-NN 7.0, TFLM reference kernels and the C that tinyfront generates. QEMU has no caches or wait states: cycles per instruction come from the boards above.',
  'Left out: the reference kernels of 2020 on STM32L4R5 and of STM32F413 and MCXN947, which contradict their neighbours by factors of three and more.',
]
