import { join } from 'node:path'
import type { Dataset } from '../../data/dataset.ts'
import type { InspectReport } from '../../data/inspect.ts'
import { openDataset } from '../../data/open.ts'
import type { Budget } from '../../device/cost.ts'
import { loadTarget, type OwnDevice } from '../../device/load.ts'
import { checkPower, withSupply } from '../../device/power.ts'
import { defaultBudget } from '../../device/predict.ts'
import type { Target } from '../../device/schema.ts'
import type { ObjectiveName, TargetSpec } from '../../search/trial.ts'
import { openSpace, type Space, type SpaceContext } from '../../space/genes.ts'
import { withInt4 } from '../../space/int4.ts'
import { defaultSpaceFor, loadSpace } from '../../space/load.ts'
import { labelsAt } from '../../task/labels.ts'
import { outputsOf } from '../../task/lookup.ts'
import { errorOf } from '../../task/metric.ts'
import { trivialScore } from '../../task/score.ts'
import { usageError } from '../../util/errors.ts'
import type { AskedStudy } from './asked.ts'
import { energyForBattery } from './duty.ts'
import { defaultSeed, type StudyConfig } from './options.ts'
import type { TargetBudget } from './survey.ts'

export type OpenedData = Dataset & { readonly report: InspectReport }

/** The configured data set, decoded; seeds address the splits. Needs no complete configuration: what stands for the metric depends on these data. */
export const openData = (
  { data, seed = defaultSeed, label }: Pick<AskedStudy, 'data' | 'seed' | 'label'>,
  resultsDir: string,
): Promise<OpenedData> =>
  openDataset(data, { seed, cacheDir: join(resultsDir, '.cache'), ...(label === undefined ? {} : { label }) })

/** What a space needs to know of the data: from the data set, or from a study's record of it. */
export const contextOf = (
  data: Pick<Dataset, 'shape' | 'classes' | 'task' | 'kind'> & { readonly labels: { readonly width: number } },
): SpaceContext => ({ input: data.shape, outputs: outputsOf(data), task: data.task, kind: data.kind })

/** The space by name or path; `auto` goes by the kind of data. `int4`: weights in 4 bits are a choice. */
export function openStudySpace(name: string, dataset: Dataset, int4 = false): Space {
  const definition = loadSpace(name === 'auto' ? defaultSpaceFor(dataset.kind, dataset.shape) : name)
  return openSpace(int4 ? withInt4(definition) : definition, contextOf(dataset))
}

/** Refuses `--int4` where no board could run what it asks for: nothing is trained to find that out. */
export function checkInt4({ int4 }: Pick<StudyConfig, 'int4'>, targets: readonly Target[]): void {
  if (!int4 || targets.some(({ runtime }) => runtime.int4)) return
  const runtimes = [...new Set(targets.map(({ runtime }) => runtime.name))].join(', ')
  throw usageError(
    `--int4: weights in 4 bits do not run under ${runtimes}`,
    `leave it out, or name a runtime that runs them: --device ${targets[0]!.device.id}:tinyfront-c`,
  )
}

/** Boards by name or file, or one of `own` by its name, each with what a network may take of it. */
export function loadTargets(config: StudyConfig, own: readonly OwnDevice[] = []): TargetBudget[] {
  const targets = config.targets.map((spec) =>
    withSupply(loadTarget(own.find((device) => device.id === spec) ?? spec), config.supply),
  )
  const twice = targets.find((t, i) => targets.findIndex((u) => u.id === t.id) < i)
  if (twice) throw usageError(`--device names ${twice.id} twice`, 'name each board once')
  checkEnergy(targets, config)
  checkInt4(config, targets)
  return targets.map((target) => ({ target, budget: budgetOf(target, config) }))
}

/** Energy bounds and orders networks only where the power of every board is known. */
export function checkEnergy(
  targets: readonly Target[],
  { maxEnergyUj, minBatteryDays, objectives = [] }: Partial<Pick<StudyConfig, 'maxEnergyUj' | 'minBatteryDays' | 'objectives'>>,
): void {
  if (minBatteryDays !== undefined) checkPower(targets, '--min-battery-days')
  if (maxEnergyUj !== undefined) checkPower(targets, '--max-energy')
  if (objectives.includes('energy')) checkPower(targets, '--objectives energy')
}

/** The board's memory less the reserve, tightened by the person's bounds. */
export function budgetOf(target: Target, config: Partial<StudyConfig>): Budget {
  const own = defaultBudget(target, {
    ...(config.reserveRamBytes !== undefined ? { reserveRam: config.reserveRamBytes } : {}),
    ...(config.reserveFlashBytes !== undefined ? { reserveFlash: config.reserveFlashBytes } : {}),
  })
  if (own.ramBytes <= 0 || own.flashBytes <= 0)
    throw usageError(`${target.id}: firmware and stack take all of its memory`, 'lower --reserve-ram or --reserve-flash')
  const energies = [config.maxEnergyUj, energyForBattery(config)].flatMap((uj) => uj ?? [])
  return {
    ramBytes: Math.min(own.ramBytes, config.maxRamBytes ?? Number.POSITIVE_INFINITY),
    flashBytes: Math.min(own.flashBytes, config.maxFlashBytes ?? Number.POSITIVE_INFINITY),
    ...(config.maxLatencyMs !== undefined ? { latencyMs: config.maxLatencyMs } : {}),
    ...(energies.length > 0 ? { energyUj: Math.min(...energies) } : {}),
  }
}

/**
 * The worst corner of a target's hypervolume: always answering the commonest class, and the budget. Where no budget bounds latency, energy or MACs,
 * `unbounded` (the most that a surveyed network costs) stands in.
 */
export function targetSpec(
  { target, budget }: TargetBudget,
  objectives: readonly ObjectiveName[],
  worstError: number,
  unbounded: { latencyMs: number; energyUj: number; macs: number },
): TargetSpec {
  const corner: Record<ObjectiveName, number> = {
    error: worstError,
    latency: budget.latencyMs ?? unbounded.latencyMs,
    ram: budget.ramBytes,
    flash: budget.flashBytes,
    energy: budget.energyUj ?? unbounded.energyUj,
    macs: unbounded.macs,
  }
  return { id: target.id, budget, reference: objectives.map((name) => corner[name]) }
}

/** Error of the trivial answer on search-validation. */
export function worstErrorOf(dataset: Dataset, config: Pick<StudyConfig, 'metric'>): number {
  const labels = labelsAt(dataset.labels, dataset.splits.searchValidation)
  return errorOf(config.metric, trivialScore(dataset.task, config.metric, labels, outputsOf(dataset)))
}
