import { z } from 'zod'
import { importances } from '../../quant/importance.ts'
import { objectiveNames } from '../../search/trial.ts'
import { metricSchema } from '../../task/schema.ts'

/**
 * A study as the person asked for it, every default filled in. What decides results is stored in the study header and may not change on resume;
 * `trials`, `seconds`, `workers` and `memoryBytes` may (they decide how much and how fast, never what trial n is).
 */
export const studyConfigSchema = z.strictObject({
  study: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, ".", "_" and "-", at most 64'),
  data: z.string().min(1),
  targets: z.array(z.string()).min(1),
  space: z.string(),
  seed: z.string(),
  strategy: z.enum(['evolution', 'random']),
  objectives: z.array(z.enum(objectiveNames)).min(1),
  metric: metricSchema,
  engine: z.enum(['wasm', 'tensorflow', 'fake']),
  fastMath: z.boolean(),
  /** `auto` = train one, `none`, or the path of logits in .npy */
  teacher: z.string(),
  lag: z.int().min(0).max(64),
  /** Which channels pruning keeps. */
  importance: z.enum(importances).default('gamma'),
  /** Rounds in which polish prunes a network again, from its unpruned form; 0 = it goes on from the trial's. */
  pruneRounds: z.int().min(0).max(10).default(0),
  /** Before the classifier, in training. */
  dropout: z.number().min(0).lt(1).default(0),
  /** Points that int8 may lose against float before remedies are tried; null = never (studies from before this could be said tried none). */
  int8Tolerance: z.number().min(0).nullable().default(null),
  maxLatencyMs: z.number().positive().optional(),
  maxRamBytes: z.number().positive().optional(),
  maxFlashBytes: z.number().positive().optional(),
  maxEnergyUj: z.number().positive().optional(),
  reserveRamBytes: z.number().min(0).optional(),
  reserveFlashBytes: z.number().min(0).optional(),
  /** Networks trained longer at the end; 0 = none; absent = as many as the plan finds time for. */
  polish: z.int().min(0).max(64).optional(),
})
export type StudyConfig = z.infer<typeof studyConfigSchema>

/** How much and how fast: free to change on resume. */
export type RunLimits = {
  readonly trials?: number
  readonly seconds?: number
  readonly workers: number
  readonly memoryBytes: number
  /** `--trials` or `--time` was given on resume: a search that had ended goes on. */
  readonly extended?: boolean
}

export const defaultLag = 8
export const defaultTrials = 60
export const defaultInt8Tolerance = 1
