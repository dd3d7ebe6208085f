import { type Markup, markup, raw } from '../markup.ts'

/** Series 0 .. 7 have a colour (`--c0` .. `--c7` in theme.ts) and a shape each, so that a front is told apart without colours too. */
export const seriesCount = 8
export const seriesClass = (series: number): string => `c${series % seriesCount}`

/** Outline of the marker of a series around the origin, about `r` in radius. */
function outline(series: number, r: number): string {
  const polygon = (points: readonly (readonly [number, number])[]) =>
    `M${points.map(([x, y]) => `${(x * r).toFixed(1)} ${(y * r).toFixed(1)}`).join('L')}Z`
  switch (series % seriesCount) {
    case 0:
      return `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`
    case 1:
      return polygon([corner(-0.85, -0.85), corner(0.85, -0.85), corner(0.85, 0.85), corner(-0.85, 0.85)])
    case 2:
      return polygon([corner(0, -1.15), corner(1.05, 0.8), corner(-1.05, 0.8)])
    case 3:
      return polygon([corner(0, -1.25), corner(1.25, 0), corner(0, 1.25), corner(-1.25, 0)])
    case 4:
      return polygon([corner(0, 1.15), corner(1.05, -0.8), corner(-1.05, -0.8)])
    case 5:
      return polygon(cross(0.36, 1.2))
    case 6:
      return polygon(cross(0.36, 1.25).map(([x, y]) => corner((x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2)))
    default:
      return polygon([corner(-1.1, 0), corner(-0.55, -1), corner(0.55, -1), corner(1.1, 0), corner(0.55, 1), corner(-0.55, 1)])
  }
}

const corner = (x: number, y: number) => [x, y] as const
const cross = (a: number, b: number) =>
  [corner(-a, -b), corner(a, -b), corner(a, -a), corner(b, -a), corner(b, a), corner(a, a)].concat([
    corner(a, b),
    corner(-a, b),
    corner(-a, a),
    corner(-b, a),
    corner(-b, -a),
    corner(-a, -a),
  ])

/**
 * A marker with an optional tooltip (`<title>`: native in any SVG viewer, restyled by script.ts in the report). `id` tells a page what was pointed at.
 */
export const marker = (series: number, x: number, y: number, tip?: string, r = 4.5, id?: string): Markup =>
  markup`<path class="m ${seriesClass(series)}"${id !== undefined && markup` data-id="${id}"`} transform="translate(${x} ${y})" d="${outline(series, r)}">${tip !== undefined && markup`<title>${tip}</title>`}</path>`

/** The ring around a recommended network. */
export const ring = (series: number, x: number, y: number): Markup =>
  markup`<circle class="ring ${seriesClass(series)}" cx="${x}" cy="${y}" r="9.5"/>`

/** Marker as an inline picture for legends, tables and headings. */
export const legendMarker = (series: number): Markup =>
  markup`<svg class="key" viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true">${marker(series, 0, 0)}</svg>`

/** Many faint dots as one path: equal pixels once, so its size is bounded by the picture and not by the study. Numbers only, hence raw. */
export function dots(points: readonly (readonly [x: number, y: number])[], className: string, grid = 2): Markup {
  const seen = new Set<string>()
  for (const [x, y] of points) seen.add(`M${Math.round(x / grid) * grid} ${Math.round(y / grid) * grid}h0`)
  return markup`<path class="${className}" d="${raw([...seen].join(''))}"/>`
}
