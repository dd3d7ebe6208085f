import { formatBytes, formatMicrojoules, formatMilliseconds } from '../../util/units.ts'
import type { Bounded } from './columns.ts'

/** The costs by the names that people use. */
export const costWords: Readonly<
  Record<
    Bounded,
    { readonly name: string; readonly label: string; readonly unit: number; readonly format: (x: number) => string }
  >
> = {
  latencyMs: { name: 'latency', label: 'latency (ms)', unit: 1, format: formatMilliseconds },
  ramBytes: { name: 'RAM', label: 'RAM (kB)', unit: 1000, format: formatBytes },
  flashBytes: { name: 'flash', label: 'flash (kB)', unit: 1000, format: formatBytes },
  energyUj: { name: 'energy', label: 'energy (uJ)', unit: 1, format: formatMicrojoules },
}

/** "3 min", "40 s": no finer than anybody can know. */
export function formatEta(seconds: number): string {
  if (seconds < 1) return 'any moment'
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
