/** Maps values of `domain` to pixels and names the ticks worth drawing. */
export type Scale = {
  readonly domain: readonly [low: number, high: number]
  readonly at: (value: number) => number
  readonly ticks: readonly number[]
}
export type ScaleKind = 'linear' | 'log'
type Span = readonly [from: number, to: number]

/** A log scale falls back to a linear one where its domain is not positive (or so small that ratios overflow). Empty domains are widened, so `at` is finite for finite values. */
export function scale(kind: ScaleKind, domain: Span, pixels: Span, wanted = 5): Scale {
  return kind === 'log' && domain[0] > 1e-100 ? logScale(domain, pixels, wanted) : linearScale(domain, pixels, wanted)
}

function linearScale([from, to]: Span, pixels: Span, wanted: number): Scale {
  const flat = aroundOne(from)
  const [low, high] = isFlat(from, to) ? [from - flat, from + flat] : [from, to]
  const step = niceStep((high - low) / wanted)
  const ticks: number[] = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(Number((i * step).toPrecision(12)))
  return { domain: [low, high], at: (v) => pixels[0] + ((v - low) / (high - low)) * (pixels[1] - pixels[0]), ticks }
}

function logScale([from, to]: Span, pixels: Span, wanted: number): Scale {
  const [low, high] = to > from * (1 + 1e-9) ? [from, to] : [from / 1.5, from * 1.5]
  const span = Math.log(high / low)
  const decades: number[] = []
  for (let d = Math.floor(Math.log10(low)); d <= Math.ceil(Math.log10(high)); d++) decades.push(10 ** d)
  const grids = [[1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]].map((digits) =>
    decades
      .flatMap((d) => digits.map((n) => Number((n * d).toPrecision(3))))
      .filter((t) => t >= low * 0.9999 && t <= high * 1.0001),
  )
  const fitting = grids.filter((ticks) => ticks.length >= 2)
  const ticks = fitting.find((t) => t.length <= wanted + 1) ?? fitting.at(-1) ?? []
  // Less than an octave holds no two round numbers of the grids: linear ticks read better.
  const shown = ticks.length >= 2 ? every(ticks, wanted + 2) : linearScale([low, high], pixels, wanted).ticks
  return { domain: [low, high], at: (v) => pixels[0] + (Math.log(v / low) / span) * (pixels[1] - pixels[0]), ticks: shown }
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  const lead = least / power
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power
}

function every(ticks: readonly number[], limit: number): readonly number[] {
  const stride = Math.ceil(ticks.length / limit)
  return ticks.filter((_, i) => i % stride === 0)
}

/** Log where the values span a factor of eight or more: small networks would otherwise huddle in a corner. */
export function kindFor(values: readonly number[]): ScaleKind {
  const [low, high] = extent(values)
  return low > 0 && high / low >= 8 ? 'log' : 'linear'
}

/**
 * The range of the values with a margin, so that marks keep off the frame, but never beyond what the quantity can be: below zero where no value is,
 * or above `most` (1 or 100 for shares).
 */
export function domainOf(
  values: readonly number[],
  kind: ScaleKind,
  { margin = 0.06, most = Number.POSITIVE_INFINITY }: { margin?: number; most?: number } = {},
): [number, number] {
  const [low, high] = extent(values.filter(Number.isFinite))
  if (low > high) return [0, 1]
  if (kind === 'log' && low > 0) {
    const factor = (high / low) ** margin
    return [low / factor, high * factor]
  }
  const room = isFlat(low, high) ? aroundOne(low) : (high - low) * margin
  return [low >= 0 ? Math.max(0, low - room) : low - room, high <= most ? Math.min(most, high + room) : high + room]
}

/** A span that double precision can hardly resolve holds no ticks: it counts as empty. */
const isFlat = (low: number, high: number): boolean => high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high))
/** Room on either side of a single value. */
const aroundOne = (value: number): number => Math.abs(value) * 0.05 || 1

/** Least and greatest, of lists too long to spread; [Infinity, -Infinity] of none. */
export function extent(values: readonly number[]): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const v of values) {
    if (v < low) low = v
    if (v > high) high = v
  }
  return [low, high]
}

/** Short text of a tick: 0.5, 20, 1.5k, 3M. */
export function tickText(value: number): string {
  const size = Math.abs(value)
  const short = (x: number, unit: string) => `${Number(x.toPrecision(3))}${unit}`
  if (size >= 1e9) return short(value / 1e9, 'G')
  if (size >= 1e6) return short(value / 1e6, 'M')
  if (size >= 1e4) return short(value / 1e3, 'k')
  return String(Number(value.toPrecision(4)))
}
