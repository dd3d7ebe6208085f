import type { Dataset } from './dataset.ts'
import type { Decoded } from './decoded.ts'
export type InspectReport = { readonly name: string; readonly notes: readonly string[] }
export function inspect(dataset: Dataset, _decoded: Decoded, notes: readonly string[]): InspectReport {
  return { name: dataset.name, notes }
}
