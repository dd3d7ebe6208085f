import { z } from 'zod'
import type { Target } from '../../device/schema.ts'
import type { TargetSpec } from '../../search/trial.ts'
import { type SpaceDefinition, spaceSchema } from '../../space/schema.ts'
import type { StudyHeader } from '../../store/study-header.ts'
import { taskSchema } from '../../task/schema.ts'
import { hashJson } from '../../util/hash.ts'
import { fromStored, toStored } from './asked.ts'
import type { StudyConfig, StudyLimits } from './options.ts'
import type { Plan } from './plan.ts'

/** What a study remembers of its data: enough to decode its genomes without opening the data again. */
const dataSchema = z.looseObject({
  name: z.string(),
  fingerprint: z.string(),
  kind: z.enum(['image', 'audio', 'series']),
  task: taskSchema,
  shape: z.tuple([z.int(), z.int(), z.int()]),
  classes: z.array(z.string()),
  /** Numbers in the label of an example; absent = 1. */
  labelWidth: z.int().min(1).optional(),
  /** Examples of the splits that score; absent in studies that 0.1 began. */
  examples: z.strictObject({ search: z.int(), selection: z.int(), test: z.int() }).optional(),
  normalisation: z.strictObject({ offset: z.array(z.number()), scale: z.array(z.number()) }),
  frontEnd: z.record(z.string(), z.unknown()),
})
export type StudyData = z.infer<typeof dataSchema>

/** A board with what the search minimises on it. */
export type TargetOnView = { readonly target: Target; readonly spec: TargetSpec }

/** A study header with its copies typed: what the run floor works with. */
export type OpenHeader = {
  readonly config: StudyConfig
  readonly limits: StudyLimits
  readonly plan: Plan
  readonly space: SpaceDefinition
  readonly targets: readonly TargetOnView[]
  readonly recipe: string
  readonly data: StudyData
  readonly wasmHash: string | null
  readonly raw: StudyHeader
}

export type HeaderInput = Omit<OpenHeader, 'raw' | 'recipe'> & {
  readonly version: string
  readonly createdAt: string
  readonly teacherHash: string | null
  /** With `--fast-math`: whether the machine rounds a product and its sum once. */
  readonly fused?: boolean
}

/** Everything that shapes the history of a study, with full copies of what it was priced and searched with. */
export function makeHeader(input: HeaderInput): StudyHeader {
  const { config, limits, plan, space, targets } = input
  const recipe = hashJson({ trial: plan.trial, teacher: config.teacher, engine: config.engine, kernels: input.wasmHash })
  return {
    schemaVersion: 1,
    name: config.study,
    createdBy: `tinyfront ${input.version}`,
    createdAt: input.createdAt,
    config: toStored(config, limits),
    space,
    targets: targets.map(({ target, spec }) => ({
      target: { ...target },
      spec: { ...spec, budget: { ...spec.budget }, reference: [...spec.reference] },
    })),
    data: input.data,
    teacherHash: input.teacherHash,
    wasmHash: input.wasmHash,
    recipe,
    ...(input.fused === undefined ? {} : { fused: input.fused }),
    portable: config.engine !== 'tensorflow' && !config.fastMath,
    plan,
  }
}

/** Reads a stored header back. */
export function readHeader(raw: StudyHeader): OpenHeader {
  return {
    ...fromStored(raw.config),
    plan: raw.plan as Plan,
    space: spaceSchema.parse(raw.space),
    targets: raw.targets.map(({ target, spec }) => ({ target: target as unknown as Target, spec: spec as TargetSpec })),
    recipe: raw.recipe,
    data: dataSchema.parse(raw.data),
    wasmHash: raw.wasmHash,
    raw,
  }
}
