import { cos, sin } from '../../util/math.ts'

/** Signed distance in units of the figure's radius: negative inside. A point's distance gives the pixel's coverage, hence smooth edges. */
export type Distance = (x: number, y: number) => number

const length = (x: number, y: number) => Math.sqrt(x * x + y * y)
const box =
  (w: number, h: number): Distance =>
  (x, y) => {
    const [dx, dy] = [Math.abs(x) - w, Math.abs(y) - h]
    return length(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0)
  }

/** Distance to a closed polygon (even-odd rule for the inside). */
function polygon(points: readonly (readonly [number, number])[]): Distance {
  return (x, y) => {
    let best = Infinity
    let inside = false
    for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
      const [ax, ay] = points[i]!
      const [bx, by] = points[j]!
      const [ex, ey, px, py] = [bx - ax, by - ay, x - ax, y - ay]
      const t = Math.min(1, Math.max(0, (px * ex + py * ey) / (ex * ex + ey * ey)))
      best = Math.min(best, length(px - ex * t, py - ey * t))
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
    }
    return inside ? -best : best
  }
}

const ray = (turn: number, radius: number): readonly [number, number] => [
  radius * sin(2 * Math.PI * turn),
  -radius * cos(2 * Math.PI * turn),
]
const starPoints = Array.from({ length: 10 }, (_, i) => ray(i / 10, i % 2 ? 0.45 : 1.1))
const bar = box(0.95, 0.28)

/** All of about the same area, so that brightness says nothing. */
export const figures: Readonly<Record<string, Distance>> = {
  disc: (x, y) => length(x, y) - 0.82,
  ring: (x, y) => Math.abs(length(x, y) - 0.72) - 0.26,
  square: box(0.72, 0.72),
  triangle: polygon([ray(0, 1.15), ray(1 / 3, 1.15), ray(2 / 3, 1.15)]),
  star: polygon(starPoints),
  cross: (x, y) => Math.min(bar(x, y), bar(y, x)),
  crescent: (x, y) => Math.max(length(x, y) - 1, 0.8 - length(x - 0.5, y)),
  arrow: polygon([
    [0, -1.1],
    [0.95, 0],
    [0.38, 0],
    [0.38, 1],
    [-0.38, 1],
    [-0.38, 0],
    [-0.95, 0],
  ]),
}
