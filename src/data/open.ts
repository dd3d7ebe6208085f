import { assemble } from './assemble.ts'
import { generateBuiltin, isBuiltin } from './builtin/index.ts'
import type { Dataset } from './dataset.ts'
import { type InspectReport, inspect } from './inspect.ts'

export type OpenOptions = {
  /** Addresses the splits. */
  readonly seed: string
  /** Folder for decoded images and spectra; made if missing. */
  readonly cacheDir: string
}

/**
 * Opens a data set: `builtin:NAME`, a folder, or a file.
 * @throws TinyfrontError in two lines for anything a person can mend.
 */
export async function openDataset(spec: string, options: OpenOptions): Promise<Dataset & { readonly report: InspectReport }> {
  if (!isBuiltin(spec)) throw new Error('not yet')
  const decoded = generateBuiltin(spec)
  const { dataset, notes } = assemble(decoded, options.seed)
  return { ...dataset, report: inspect(dataset, decoded, notes) }
}
