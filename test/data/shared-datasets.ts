import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Real data beside the project (`../shared/datasets`), never part of it: tests that need it are skipped where it is absent. */
const folder = fileURLToPath(new URL('../../../shared/datasets/', import.meta.url))

export const hasDatasets = existsSync(folder)
export const datasetFile = (path: string): string => folder + path
/** A manifest of bench/datasets. */
export const manifestFile = (name: string): string => fileURLToPath(new URL(`../../bench/datasets/${name}.json`, import.meta.url))
