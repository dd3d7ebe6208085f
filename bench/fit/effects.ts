import type { TermGroup } from '../../src/device/terms.ts'
import { coreOf, designOf, kernelSet } from './core-limits.ts'

/** What a price depends on, as far as it is known: of a board that was never timed, its core alone. */
export type Context = {
  readonly device?: string
  readonly core: string
  readonly runtime: string
  /** whose groups the factors multiply */
  readonly formula: string
  /** of the kernels; where it is not given, those that were timed count as often as they were */
  readonly version?: string
  /** a published network: what is odd about it must not be taken for a property of the board */
  readonly model?: string
}

/** Formula of a published row; that of a listed board is its runtime's own (devices/runtimes). */
export function formulaName(runtime: string, core: string): string {
  const vector = core === 'cortex-m55' || core === 'cortex-m85'
  const plain = core === 'cortex-m0plus'
  switch (runtime) {
    case 'tflm-reference':
      return 'reference'
    case 'tinymaix':
      return 'own'
    case 'tflm-esp-nn':
      return core === 'xtensa-lx7' || core === 'riscv-rv32imafc' ? 'cmsis-nn-mve' : 'own'
    case 'tflm-cmsis-nn':
      return vector ? 'cmsis-nn-mve' : plain ? 'cmsis-nn' : core === 'cortex-m33' ? 'cmsis-nn-dsp.stm32l552' : 'cmsis-nn-dsp'
    case 'hale':
      return plain ? 'cmsis-nn' : 'cmsis-nn-dsp'
    default:
      return 'cmsis-nn-dsp'
  }
}

/** Runtimes whose kernels are versions of each other. */
export const kernelFamily = (runtime: string): string =>
  /x-cube|st-edge/.test(runtime) ? 'st' : /tinymaix/.test(runtime) ? 'tinymaix' : runtime

/**
 * Cycles on a core relative to the core that a formula counts for: of a formula of the Cortex-M4 the speed of the core (bench/fit/core-limits.ts). Formulas of
 * M33, M0+ and Helium are cycles of that very core; Cortex-M85 is taken to run Helium a fifth faster than M55 (unverified; no board of it
 * was timed).
 */
export function coreSpeed(core: string, formula: string): number {
  if (formula === 'cmsis-nn-mve') return core === 'cortex-m85' ? 1 / 1.2 : 1
  if (formula.includes('stm32l552')) return coreOf(core).speed / coreOf('cortex-m33').speed
  if (formula === 'cmsis-nn' || formula === 'own-m0plus') return coreOf(core).speed / coreOf('cortex-m0plus').speed
  if (formula === 'own-rv32') return coreOf(core).speed / coreOf('riscv-rv32imc').speed
  return coreOf(core).speed
}

/**
 * Factors that contexts share, normal in logarithms about 1: one on everything with the standard deviation `all`, and one on each group of terms beside
 * it with `each` (times `width` of the group). `share` is their exponent.
 */
export type Effect = { readonly key: string; readonly all: number; readonly each: number; readonly share: number }

/** Versions of the kernels, and their shares in the rows of a runtime (`st-edge-ai`) or of a board under it (`stm32h747:st-edge-ai`). */
export type Versions = ReadonlyMap<string, readonly (readonly [version: string, share: number])[]>

/**
 * How much prices differ, in logarithms: `all` by one factor for everything, `each` by one for each group of terms beside it. Chosen by hand and by a
 * few steps on the errors of networks, families and boards left out (so the scorecard's are slightly too good); most are flat around these values.
 */
export const spreads = {
  /** kernels whose instructions or cycles were counted, and kernels that borrow the formula of others */
  counted: { all: 0.15, each: 0.1 },
  borrowed: { all: 0.6, each: 0.15 },
  /** the same kernels in another build (vectors, plain C) */
  build: { all: 0.4, each: 0.2 },
  countedBuild: { all: 0.2, each: 0.1 },
  runtime: { all: 0.2, each: 0.09 },
  version: { all: 0.15, each: 0.05 },
  flags: { all: 0.4, each: 0 },
  isa: { all: 0.25, each: 0.1 },
  core: { all: 0.12, each: 0 },
  coreOther: { all: 0.3, each: 0 },
  coreKernels: { all: 0.12, each: 0.15 },
  design: { all: 0.08, each: 0.03 },
  device: { all: 0.05, each: 0 },
  target: { all: 0.06, each: 0.04 },
  model: { all: 0.05, each: 0 },
}
type Level = keyof typeof spreads

/** What networks hold little of tells little about itself: its factor stays near the common one, as the fit would use it to mend other errors. */
export const width: Readonly<Record<TermGroup, number>> = {
  conv: 1,
  pointwise: 1,
  depthwise: 1,
  dense: 0.3,
  element: 0.3,
  flash: 0.2,
  overhead: 0.3,
}

/** Our generated C is counted kernel by kernel; so is CMSIS-NN, and timed operator by operator. */
const counted = new Set(['tflm-cmsis-nn', 'tinyfront-c'])

/** Everything that a context's factors are made of. */
export function effectsOf(context: Context, versions: Versions): Effect[] {
  const { device, core, runtime, formula, version, model } = context
  const family = kernelFamily(runtime)
  const { isa } = coreOf(core)
  const list: (readonly [Level, string, number?])[] = [
    [counted.has(runtime) ? 'counted' : 'borrowed', `kernels ${family}`],
    [counted.has(runtime) ? 'countedBuild' : 'build', `build ${family} ${formula.replace(/\..*/, '')}`],
    ['isa', `isa ${isa} ${kernelSet(formula)}`],
    [isa === 'arm' ? 'core' : 'coreOther', `core ${core}`],
    ['coreKernels', `core ${core} ${family}`],
  ]
  if (!counted.has(runtime)) list.push(['runtime', `runtime ${runtime}`])
  if (device !== undefined) {
    list.push(['design', `design ${designOf(device)}`])
    list.push(['device', `device ${device}`])
    list.push(['target', `target ${designOf(device)} ${family}`])
  }
  const timed =
    version === undefined ? (versions.get(`${device}:${runtime}`) ?? versions.get(runtime) ?? []) : [[version, 1] as const]
  for (const [v, share] of timed)
    if (v !== '') list.push([v.includes('-O') ? 'flags' : 'version', `version ${family} ${formula} ${v}`, share])
  if (model !== undefined) list.push(['model', `model ${model} ${family}`])
  return list.map(([level, key, share = 1]) => ({ key, share, ...spreads[level] }))
}
