import { type Markup, markup } from '../markup.ts'
import { dots, marker, ring, seriesClass } from './marks.ts'
import { type Area, bound, plot } from './plot.ts'
import { domainOf, extent, kindFor } from './scale.ts'

export type ScatterPoint = {
  readonly x: number
  readonly y: number
  readonly xLow?: number | null
  readonly xHigh?: number | null
  /** Only the marks that are drawn one by one ask for it. */
  readonly tip: () => string
  /** Ring and label. */
  readonly starred?: string
  /** What the mark stands for, where a page can select it. */
  readonly id?: string
}
export type ScatterSeries = {
  /** Which colour and shape (marks.ts). */
  readonly series: number
  readonly points: readonly ScatterPoint[]
}
export type ScatterOptions = {
  readonly title: string
  readonly description?: string
  readonly xLabel: string
  readonly yLabel: string
  readonly better: 'up' | 'down'
  /** The most that y can be: 100 for shares in percent. */
  readonly most?: number
  readonly format?: (y: number) => string
  readonly bound?: { readonly x: number; readonly text: string }
}

/** More marks than this cannot be pointed at; the rest of a crowded front is drawn as dots. */
const detailed = 60

/**
 * Fronts over faint dominated points: markers with tooltips and intervals, and for each series the step line of what is attainable at a cost in these two dimensions.
 * Dominated points far below every front are left out; the caller learns how many from `hidden`.
 */
export function scatter(
  series: readonly ScatterSeries[],
  faint: readonly { readonly x: number; readonly y: number }[],
  options: ScatterOptions,
): { readonly svg: Markup; readonly hidden: number } {
  const drawable = series.map((s) => ({ ...s, points: s.points.filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y)) }))
  const marks = drawable.flatMap((s) => s.points)
  const yDomain = zoom(
    marks.map((p) => p.y),
    faint.map((p) => p.y),
    options,
  )
  const shown = faint.filter((p) => p.y >= yDomain[0] && p.y <= yDomain[1] && Number.isFinite(p.x))
  const xs = [...marks, ...shown].map((p) => p.x)
  const kind = kindFor(xs)
  const limit = options.bound
  const nearBound = limit !== undefined && xs.length > 0 && limit.x <= extent(xs)[1] * (kind === 'log' ? 3 : 1.3)
  const x = { label: options.xLabel, kind, domain: domainOf(nearBound ? [...xs, limit.x] : xs, kind) }
  const y = { label: options.yLabel, kind: 'linear' as const, domain: yDomain, ...(options.format && { format: options.format }) }
  const svg = plot({ ...options, x, y }, (sx, sy, area) => [
    nearBound && bound(sx.at(limit.x), limit.text, area),
    dots(
      shown.map((p) => [sx.at(p.x), sy.at(p.y)]),
      'faint',
    ),
    drawable.map((s) => {
      const stairs = attainable(s.points, options.better)
      const line = stairs
        .map((p, i) => (i === 0 ? `M${pixel(sx.at(p.x))} ${pixel(sy.at(p.y))}` : `H${pixel(sx.at(p.x))}V${pixel(sy.at(p.y))}`))
        .join('')
      return markup`${line && markup`<path class="step ${seriesClass(s.series)}" d="${line}H${area.right}"/>`}`
    }),
    drawable.map((s) => {
      const [clear, crowd] = thin(s.points, attainable(s.points, options.better))
      return [
        dots(
          crowd.map((p) => [sx.at(p.x), sy.at(p.y)]),
          `crowd ${seriesClass(s.series)}`,
        ),
        clear.map((p) => interval(p, s.series, sx.at, sy.at(p.y), area.left, area.right)),
        clear.map((p) => marker(s.series, sx.at(p.x), sy.at(p.y), p.tip(), undefined, p.id)),
      ]
    }),
    stars(
      drawable.flatMap(({ series, points }) =>
        points.flatMap((p) => (p.starred === undefined ? [] : [{ series, text: p.starred, x: sx.at(p.x), y: sy.at(p.y) }])),
      ),
      area,
    ),
  ])
  return { svg, hidden: faint.length - shown.length }
}

/** What is attainable at each cost: the members no cheaper one beats, in order of cost. */
export function attainable<P extends { readonly x: number; readonly y: number }>(
  points: readonly P[],
  better: 'up' | 'down',
): P[] {
  const sign = better === 'up' ? 1 : -1
  const sorted = [...points].sort((a, b) => a.x - b.x || sign * (b.y - a.y))
  const kept: P[] = []
  for (const p of sorted) if (kept.length === 0 || sign * (p.y - kept.at(-1)!.y) > 0) kept.push(p)
  return kept
}

/** Stars and stairs first, then the others as long as there is room. */
function thin(points: readonly ScatterPoint[], stairs: readonly ScatterPoint[]): [ScatterPoint[], ScatterPoint[]] {
  if (points.length <= detailed) return [[...points], []]
  const first = new Set([...points.filter((p) => p.starred), ...evenly(stairs, detailed)])
  const room = Math.max(0, detailed - first.size)
  for (const p of evenly(
    points.filter((q) => !first.has(q)),
    room,
  ))
    first.add(p)
  return [[...first], points.filter((p) => !first.has(p))]
}

/** At most n items, the first and the last among them. */
export function evenly<T>(items: readonly T[], n: number): readonly T[] {
  if (items.length <= n) return items
  return Array.from({ length: n }, (_, i) => items[Math.round((i * (items.length - 1)) / Math.max(1, n - 1))]!)
}

/** The fronts in full, and dominated points down to their worst tenth. */
function zoom(front: readonly number[], faint: readonly number[], { better, most }: ScatterOptions): [number, number] {
  const limits = most === undefined ? {} : { most }
  if (front.length === 0 || faint.length === 0) return domainOf([...front, ...faint], 'linear', limits)
  const sorted = [...faint].filter(Number.isFinite).sort((a, b) => a - b)
  const edge = sorted[Math.floor((better === 'up' ? 0.1 : 0.9) * (sorted.length - 1))] ?? front[0]!
  return domainOf([...front, edge], 'linear', limits)
}

const pixel = (v: number) => Math.round(v * 10) / 10

function interval(p: ScatterPoint, series: number, x: (v: number) => number, y: number, left: number, right: number) {
  if (typeof p.xLow !== 'number' || typeof p.xHigh !== 'number' || !(p.xLow > 0 && p.xHigh >= p.xLow)) return null
  const from = Math.max(left, x(p.xLow))
  const to = Math.min(right, x(p.xHigh))
  return markup`<path class="interval ${seriesClass(series)}" d="M${pixel(from)} ${pixel(y)}H${pixel(to)}"/>`
}

type Star = { readonly series: number; readonly text: string; readonly x: number; readonly y: number }

/** Rings, and labels beside them, each in the first place around its mark where it covers no earlier one: boards often share a network. */
function stars(all: readonly Star[], area: Area): Markup[] {
  const taken: Box[] = []
  return all.map(({ series, text, x, y }) => {
    const width = labelCharacter * text.length
    const places = [14, -8, 28, -22, 42].flatMap((down) =>
      (x > area.right - 60 ? [-13 - width, 13] : [13, -13 - width]).map((right) => ({
        left: x + right,
        right: x + right + width,
        top: y + down - labelHeight,
        bottom: y + down,
      })),
    )
    const free = places.find((place) => !taken.some((other) => overlap(place, other))) ?? places[0]!
    taken.push(free)
    return markup`${ring(series, x, y)}<text class="star" x="${free.left}" y="${free.bottom}">${text}</text>`
  })
}

/** Room that a label takes, in pixels: bold digits of 12 pixels (theme.ts). */
const labelCharacter = 8
const labelHeight = 12
type Box = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }
const overlap = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
