import type { OwnDevice } from '../../device/load.ts'
import { createStudy, openStudy } from '../../store/study-file.ts'
import { checkMetric } from '../../task/lookup.ts'
import { wasmHash } from '../../train/wasm/engine.ts'
import { fuses } from '../../train/wasm/fuses.ts'
import { TinyfrontError, usageError } from '../../util/errors.ts'
import { version } from '../../util/package-root.ts'
import { type AskedStudy, completeStudy } from './asked.ts'
import { givenTeacher } from './given-teacher.ts'
import { makeHeader } from './header.ts'
import { limitOptions, type StudyConfig, type StudyLimits } from './options.ts'
import { planStudy, recipeOptions } from './plan.ts'
import { loadTargets, type OpenedData, openData, openStudySpace, targetSpec, worstErrorOf } from './prepare.ts'
import { openStudyStore, type StudyStore } from './study-store.ts'
import { type Survey, surveySpace } from './survey.ts'

export type StudyWithData = { readonly store: StudyStore; readonly dataset: OpenedData }

/**
 * Begins a study: everything that shapes its history is fixed here and written into the header. Refuses a name that exists; `fresh` puts that study
 * aside.
 */
export async function startStudy(
  asked: AskedStudy,
  limits: StudyLimits,
  resultsDir: string,
  options: { readonly fresh?: boolean; readonly devices?: readonly OwnDevice[] } = {},
): Promise<StudyWithData> {
  await checkEngine(asked)
  const dataset = await openData(asked, resultsDir)
  const config = completeStudy(asked, dataset.task)
  checkMetric(config.metric, dataset.task, dataset.classes.length)
  checkValidation(config, dataset)
  const space = openStudySpace(config.space, dataset, config.int4)
  const targets = loadTargets(config, options.devices)
  const survey = surveySpace(space, targets, config.seed)
  const { polish: polishMembers } = config
  const plan = planStudy({ dataset, typicalMacs: survey.typicalMacs, polishMembers, recipe: recipeOptions(config), ...limits })
  const worst = worstErrorOf(dataset, config)
  const raw = makeHeader({
    config,
    limits,
    plan,
    space: space.definition,
    targets: targets.map((t) => ({
      target: t.target,
      spec: targetSpec(t, config.objectives, worst, unboundedCorner(survey, t.target.id)),
    })),
    version: version(),
    createdAt: new Date().toISOString(),
    data: {
      name: dataset.name,
      fingerprint: dataset.fingerprint,
      kind: dataset.kind,
      task: dataset.task,
      shape: [...dataset.shape],
      classes: [...dataset.classes],
      ...(dataset.labels.width === 1 ? {} : { labelWidth: dataset.labels.width }),
      examples: {
        search: dataset.splits.searchValidation.length,
        selection: dataset.splits.selectionValidation.length,
        test: dataset.splits.test.length,
      },
      normalisation: { offset: [...dataset.normalisation.offset], scale: [...dataset.normalisation.scale] },
      frontEnd: dataset.frontEnd,
    },
    wasmHash: config.engine === 'wasm' ? wasmHash({ fastMath: config.fastMath }) : null,
    teacherHash: teacherHash(config, dataset),
    ...(config.engine === 'wasm' && config.fastMath ? { fused: fuses() } : {}),
  })
  const study = await createStudy(resultsDir, raw, {
    ...(options.fresh === undefined ? {} : { fresh: options.fresh }),
    limits: Object.keys(limitOptions),
  })
  return { store: openStudyStore(study, resultsDir), dataset }
}

/** Opens a study to go on with it; refuses where its data or kernels are no longer those that it began with. */
export async function resumeStudy(name: string, resultsDir: string): Promise<StudyWithData> {
  const study = await openStudy(resultsDir, name, 'write')
  try {
    const store = openStudyStore(study, resultsDir)
    const { config } = store.header
    await checkEngine(config)
    const dataset = await openData(config, resultsDir)
    const changes: string[] = []
    if (dataset.fingerprint !== study.header.data.fingerprint)
      changes.push(`data: ${config.data} is not what it was (${study.header.data.fingerprint} -> ${dataset.fingerprint})`)
    const { fused } = store.header.raw
    if (typeof fused === 'boolean' && fused !== fuses())
      changes.push(
        `--fast-math: it began on a processor that rounds ${fused ? 'a product and its sum once' : 'products and sums apart'}, this one does not`,
      )
    const kernels = config.engine === 'wasm' ? wasmHash({ fastMath: config.fastMath }) : null
    if (kernels !== store.header.wasmHash) changes.push('engine: the kernels are of another version of tinyfront')
    if (teacherHash(config, dataset) !== study.header.teacherHash) changes.push(`teacher: ${config.teacher} is not what it was`)
    if (changes.length > 0)
      throw usageError(
        `study "${name}" cannot go on: ${changes.join('; ')}`,
        'bring back what changed, or start anew with `tinyfront search --fresh`',
      )
    return { store, dataset }
  } catch (error) {
    await study.close()
    throw error
  }
}

/** A study whose engine is not there begins nothing. */
async function checkEngine({ engine }: Pick<AskedStudy, 'engine'>): Promise<void> {
  if (engine !== 'tensorflow') return
  const { askedFor, checkTensorflow } = await import('../../train/tensorflow/load.ts')
  checkTensorflow(...askedFor)
}

/** Identity of the teacher that the person gave; null where there is none or the study trains its own. */
const teacherHash = (config: StudyConfig, dataset: OpenedData): string | null =>
  /^(auto|none)$/.test(config.teacher) ? null : givenTeacher(config.teacher, dataset).hash

/** Where nothing bounds an objective, the most that a surveyed network costs is the corner of the hypervolume. */
const unboundedCorner = (survey: Survey, id: string) => {
  const t = survey.perTarget[id]!
  return { latencyMs: t.latencyMs.most, energyUj: t.energyUj?.most ?? 1, macs: survey.mostMacs }
}

function checkValidation(config: StudyConfig, dataset: OpenedData): void {
  if (dataset.splits.searchValidation.length === 0)
    throw new TinyfrontError(
      'usage',
      `${config.data}: too little data to hold any back for validation`,
      'add examples, or name splits in dataset.json',
    )
}
