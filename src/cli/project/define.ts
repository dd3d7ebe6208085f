import type { StudyConfig, StudyLimits } from '../../run/record/options.ts'
import type { StandingOptions } from '../options.ts'

/** A value as the library takes it, or as it is typed on the command line: 65536 or "64KiB", ["rp2040"] or "rp2040". */
type Written<T> = T extends string | boolean ? T : T | string

type Standing = StudyConfig & StudyLimits & StandingOptions

/** Options by the library's names; what is left out has its default. */
export type ProjectOptions = { readonly [K in keyof Standing]?: Written<Exclude<Standing[K], undefined>> }

/** What `tinyfront.config.{ts,js,json}` holds: options of every study, and what each study by name has of its own. */
export type ProjectFile = ProjectOptions & {
  readonly $schema?: string
  readonly studies?: { readonly [name: string]: Omit<ProjectOptions, 'study' | 'results'> }
}

/**
 * The project file with its types checked as you write.
 *
 * ```ts
 * export default defineConfig({ data: './photos', targets: ['stm32f446'], maxRamBytes: '64kB', seconds: '20m' })
 * ```
 */
export const defineConfig = (project: ProjectFile): ProjectFile => project
