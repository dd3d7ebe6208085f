import { z } from 'zod'
import { canonicalJson } from '../util/hash.ts'

const budget = z.looseObject({
  ramBytes: z.number(),
  flashBytes: z.number(),
  latencyMs: z.number().optional(),
  energyUj: z.number().optional(),
})

/**
 * First line of a journal: everything that shapes the history of a study, with full copies of space, devices, runtimes and coefficients.
 * Resume prices with these copies, so that a later refit changes no running study. Only what every reader needs is demanded here;
 * further keys belong to those who write them and are kept.
 */
export const headerSchema = z.looseObject({
  schemaVersion: z.literal(1),
  name: z.string(),
  /** tinyfront's version and the time of creation; for people, never compared. */
  createdBy: z.string(),
  createdAt: z.string(),
  /** The resolved configuration: seed, lag, objectives, metric, engine, strategy, ... */
  config: z.looseObject({}),
  /** The whole definition. */
  space: z.looseObject({ name: z.string() }),
  /** `target` is the whole device x runtime with its coefficients, `spec` what the search minimises on it. */
  targets: z.array(
    z.looseObject({
      target: z.looseObject({ id: z.string() }),
      spec: z.looseObject({ id: z.string(), budget, reference: z.array(z.number()) }),
    }),
  ),
  data: z.looseObject({ name: z.string(), fingerprint: z.string() }),
  /** How candidates are trained: a part of their identity. */
  recipe: z.string(),
  teacherHash: z.string().nullable(),
  wasmHash: z.string().nullable(),
  /** false where results depend on the machine (`--engine tensorflow`, `--fast-math`). */
  portable: z.boolean(),
})
export type StudyHeader = z.infer<typeof headerSchema>

export type Change = { readonly path: string; readonly before: unknown; readonly after: unknown }

/** Facts about the making of a study: none of them changes what trial n is. */
const facts = ['name', 'createdBy', 'createdAt', 'config.study']
/** Copies of definitions: reported as one change each, not number by number. */
const isWhole = (path: string) => path === 'space' || /^targets\..+\.target$/.test(path)

/** What differs between two studies, by path (targets by their id); empty = they would have the same trials. `limits` of the configuration may differ. */
export function configDiff(before: StudyHeader, after: StudyHeader, limits: readonly string[] = []): Change[] {
  const free = new Set([...facts, ...limits.map((key) => `config.${key}`)])
  const changes: Change[] = []
  const walk = (path: string, a: unknown, b: unknown): void => {
    if (free.has(path) || canonicalJson(a ?? null) === canonicalJson(b ?? null)) return
    if (isRecord(a) && isRecord(b) && !isWhole(path))
      for (const key of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort())
        walk(path ? `${path}.${key}` : key, a[key], b[key])
    else changes.push({ path, before: a, after: b })
  }
  const byId = (header: StudyHeader) => ({ ...header, targets: Object.fromEntries(header.targets.map((t) => [t.target.id, t])) })
  walk('', byId(before), byId(after))
  return changes
}

/** What a person would have asked for otherwise, from `before` to `after`; what follows from that (targets, plans, hashes of recipes) is left out. */
export const changesOf = (before: StudyHeader, after: StudyHeader, limits: readonly string[]): string[] =>
  configDiff(before, after, limits).flatMap(({ path, before: a, after: b }) => {
    if (path.startsWith('config.')) return [`${path.slice('config.'.length)} ${short(a)}, now ${short(b)}`]
    return path in elsewhere ? [elsewhere[path as keyof typeof elsewhere]] : []
  })

const elsewhere = {
  'data.fingerprint': 'the data have changed',
  space: 'the search space has changed',
  wasmHash: 'the kernels are of another version',
  teacherHash: 'the teacher has changed',
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
