import { usageError } from './errors.ts'

const byteUnits: Record<string, number> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  k: 1e3,
  MB: 1e6,
  M: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1048576,
  GiB: 1073741824,
}
const secondUnits: Record<string, number> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, min: 60, h: 3600, d: 86400 }
/** Of their own, not a thousand times seconds: "20.1ms" is 20.1 to the bit. */
const millisecondUnits: Record<string, number> = { us: 1e-3, ms: 1, s: 1e3, m: 6e4, min: 6e4, h: 3.6e6, d: 8.64e7 }
const energyUnits: Record<string, number> = { nJ: 1e-3, uJ: 1, µJ: 1, mJ: 1e3, J: 1e6 }

/** A number without a unit is refused: who types 20 may mean either of the two `likely` units. */
function parse(text: string, units: Record<string, number>, what: string, likely: readonly [string, string]): number {
  const match = /^\s*([0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)\s*([A-Za-zµ]*)\s*$/.exec(text)
  const [number = '', unit = ''] = match?.slice(1) ?? []
  const factor = units[unit]
  if (match && factor !== undefined && Number.isFinite(Number(number))) return Number(number) * factor
  if (match && unit === '')
    throw usageError(`${what} "${text}" has no unit`, `write ${number}${likely[0]} or ${number}${likely[1]}`)
  throw usageError(
    `${what} "${text}" is not understood`,
    `write a number and one of ${Object.keys(units).join(', ')}, for example 20${likely[0]} or 20${likely[1]}`,
  )
}

/** "64kB" -> 64000, "64KiB" -> 65536. Whole bytes, unless they are written as such: "64.5B". */
export function parseBytes(text: string): number {
  const bytes = parse(text, byteUnits, 'size', ['kB', 'KiB'])
  return /[0-9]\s*B\s*$/.test(text) ? bytes : Math.round(bytes)
}
/** "10m" -> 600 seconds. */
export const parseSeconds = (text: string): number => parse(text, secondUnits, 'duration', ['m', 's'])
/** "20ms" -> 20. */
export const parseMilliseconds = (text: string): number => parse(text, millisecondUnits, 'latency', ['ms', 'us'])
/** "2mJ" -> 2000 microjoules. */
export const parseMicrojoules = (text: string): number => parse(text, energyUnits, 'energy', ['uJ', 'mJ'])

const significant = (x: number): string => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2))

/** 64000 -> "64.0 kB" (kB = 1000 bytes; binary units are read but never printed). */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`
  return bytes < 1e6 ? `${significant(bytes / 1e3)} kB` : `${significant(bytes / 1e6)} MB`
}
export function formatMilliseconds(ms: number): string {
  return ms < 1 ? `${significant(ms * 1e3)} us` : ms < 1e4 ? `${significant(ms)} ms` : `${significant(ms / 1e3)} s`
}
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`
}
export function formatMicrojoules(uj: number): string {
  return uj < 1000 ? `${significant(uj)} uJ` : `${significant(uj / 1e3)} mJ`
}
export const formatPercent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`
/** 3130624 -> "3.13 M". */
export const formatCount = (n: number): string =>
  n < 1000
    ? String(Math.round(n))
    : n < 1e6
      ? `${significant(n / 1e3)} k`
      : n < 1e9
        ? `${significant(n / 1e6)} M`
        : `${n.toExponential(1)}`

/** "41 days", "2.3 years"; a board without measured power says so. */
export function formatBattery(days: number | null): string {
  if (days === null) return 'not known: no measured power of this board'
  if (days >= 730) return `${(days / 365.25).toFixed(1)} years`
  return days >= 10 ? `${Math.round(days)} days` : days >= 1 ? `${days.toFixed(1)} days` : `${(days * 24).toFixed(1)} hours`
}
