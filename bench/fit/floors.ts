import { percent } from './percent.ts'
import { hasFloor, type Scorecard, type TargetScore } from './scorecard.ts'

/** Why a target misses its floor and what would mend it; the first that matches. */
const reasons: readonly (readonly [target: RegExp, why: string])[] = [
  [
    /^rx65n/,
    'two of its networks of one kind differ eightfold per MAC, which no count of work explains; all rows are of one source (EdgeMark). Timings of single layers on this board, with its caches on and off, would tell.',
  ],
  [
    /^stm32u585:x-cube-ai-7/,
    'three of its seven networks are tiny (0.1 to 0.4 M cycles, activity recognition) and a third dearer than the four audio networks; their version of X-CUBE-AI is not printed. A tiny network timed with a stated version would tell.',
  ],
  [
    /tflm-reference/,
    'one network (person detection), the same on every ESP: left out, nothing but RX65N and STM32H743 is known of these kernels. Any second network would do.',
  ],
  [
    /tflm-esp-nn/,
    'person detection from the maker, and networks of a thesis built with -Og whose clock is stated as 160 and as 240 MHz. Two more int8 networks from one optimised build would do.',
  ],
  [
    /^rp2040/,
    'one network, its clock assumed (125 MHz), and the operators of the same network, left out with it. Any second network would do.',
  ],
]
const otherwise = 'left out, too little of this board remains. Two or three more networks would do.'

type Miss = { readonly target: string; readonly what: string }

/** Every target whose error is above what was asked for. */
function misses(card: Scorecard): Miss[] {
  return card.targets.flatMap((t) => {
    const { leaveModelOut, leaveFamilyOut } = t
    const model = leaveModelOut.mape > (hasFloor(t) ? 0.12 : 0.25) ? [`network left out ${percent(leaveModelOut.mape)}`] : []
    const family =
      t.families >= 3 && leaveFamilyOut && leaveFamilyOut.mape > 0.25 ? [`family left out ${percent(leaveFamilyOut.mape)}`] : []
    const what = [...model, ...family]
    return what.length > 0 ? [{ target: t.target, what: what.join(', ') }] : []
  })
}

/** What was asked for, what is reached, and of what is missed, why and what data would mend it. */
export function floorsPage(card: Scorecard): string[] {
  const floor = card.targets.filter(hasFloor)
  const worst = (of: (t: TargetScore) => number | undefined, list: readonly TargetScore[]): number =>
    Math.max(...list.map((t) => of(t) ?? 0))
  const families = card.targets.filter((t) => t.families >= 3 && t.leaveFamilyOut)
  const kept = families.filter((t) => t.leaveFamilyOut!.mape <= 0.25)
  const operators = (board: string): number =>
    Math.max(...card.operators.filter((o) => o.board === board).map((o) => o.ours.mape))
  const rows = [
    [
      'network left out, Cortex-M targets with at least 8 networks',
      '12 % each',
      percent(worst((t) => t.leaveModelOut.mape, floor)),
    ],
    ['the same, median over them', '10 %', percent(card.medians.floorTargets)],
    [
      'family left out, targets with at least 3 families',
      '25 % each',
      `${percent(worst((t) => t.leaveFamilyOut?.mape, kept))} on ${kept.length} of ${families.length}`,
    ],
    ['board left out, median over targets', '40 %', `${percent(card.medians.leaveDeviceOut)} of ${card.medians.boards}`],
    ['operators of STM32F446, STM32L552', '3 %', percent(Math.max(operators('STM32F446'), operators('STM32L552')))],
    ['operators of nRF52832', '4 %', percent(operators('nRF52832'))],
    ['90 % intervals, networks left out', '85 to 95 %', percent(card.intervalCoverage)],
    ['90 % intervals, boards left out', '85 to 95 %', percent(card.hiddenCoverage.rows)],
  ]
  return [
    '## What was asked for',
    '',
    '| | asked for | reached (worst) |',
    '|---|---|---|',
    ...rows.map((r) => `| ${r.join(' | ')} |`),
    '',
    'Everywhere else 25 % was asked for with a network left out. Missed, and why:',
    '',
    ...misses(card).map(
      ({ target, what }) => `- ${target} (${what}): ${reasons.find(([pattern]) => pattern.test(target))?.[1] ?? otherwise}`,
    ),
    '',
  ]
}
