import { writeFileSync } from 'node:fs'

/** One run of one strategy: hypervolume after so many CPU seconds, a step function. */
export type Curve = { readonly seconds: number; readonly hypervolume: number }[]
export type Arm = { readonly name: string; readonly curves: readonly Curve[] }

/** Mean over runs with half a 95 % interval (Student's t) at each point of a grid. */
export function band(curves: readonly Curve[], grid: readonly number[]): { mean: number; half: number }[] {
  return grid.map((x) => {
    const values = curves.map((c) => c.findLast((p) => p.seconds <= x)?.hypervolume ?? 0)
    const mean = values.reduce((a, b) => a + b, 0) / values.length
    const variance = values.reduce((s, v) => s + (v - mean) ** 2, 0) / Math.max(1, values.length - 1)
    return { mean, half: student(values.length - 1) * Math.sqrt(variance / values.length) }
  })
}

/** 97.5 % quantile of Student's t. */
const student = (freedom: number): number =>
  [Number.NaN, 12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23][freedom] ?? (freedom < 25 ? 2.09 : 2.04)

/** Seconds that every run reached: beyond them means would be over fewer runs. */
export const commonEnd = (arms: readonly Arm[]): number =>
  Math.min(...arms.flatMap((a) => a.curves.map((c) => c.at(-1)?.seconds ?? 0)))

export function printRace(arms: readonly Arm[], end: number): void {
  const marks = [0.1, 0.25, 0.5, 0.75, 1].map((share) => share * end)
  console.log(`${'CPU seconds'.padEnd(24)} ${marks.map((m) => m.toFixed(0).padStart(15)).join('')}`)
  for (const { name, curves } of arms) {
    const cells = band(curves, marks).map(({ mean, half }) => `${mean.toFixed(3)} ± ${half.toFixed(3)}`.padStart(15))
    console.log(`${name.padEnd(24)} ${cells.join('')}`)
  }
}

const colours = ['#2563eb', '#d97706', '#059669']

/** Means with their intervals as a picture. */
export function plotRace(file: string, title: string, arms: readonly Arm[], end: number): void {
  const [w, h, left, bottom, top] = [640, 360, 56, 44, 34]
  const grid = Array.from({ length: 101 }, (_, i) => (i / 100) * end)
  const bands = arms.map((a) => band(a.curves, grid))
  const most = 1.05 * Math.max(...bands.flat().map((b) => b.mean + b.half))
  const x = (s: number) => (left + (s / end) * (w - left - 14)).toFixed(1)
  const y = (v: number) => (h - bottom - (v / most) * (h - bottom - top)).toFixed(1)
  const line = (points: string[]) => `M${points.join('L')}`
  const shapes = bands.map((b, i) => {
    const above = b.map((p, k) => `${x(grid[k]!)},${y(p.mean + p.half)}`)
    const below = b.map((p, k) => `${x(grid[k]!)},${y(Math.max(0, p.mean - p.half))}`).reverse()
    const mean = b.map((p, k) => `${x(grid[k]!)},${y(p.mean)}`)
    return `<path d="${line([...above, ...below])}Z" fill="${colours[i]}" opacity="0.18"/><path d="${line(mean)}" fill="none" stroke="${colours[i]}" stroke-width="2"/>
<text x="${w - 20}" y="${h - bottom - 14 - 18 * i}" text-anchor="end" fill="${colours[i]}">${arms[i]!.name}</text>`
  })
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (t) => `<text x="${x(t * end)}" y="${h - bottom + 18}" text-anchor="middle">${Math.round(t * end)}</text>
<line x1="${left}" x2="${w - 14}" y1="${y(t * most)}" y2="${y(t * most)}" stroke="#ccc"/><text x="${left - 6}" y="${Number(y(t * most)) + 4}" text-anchor="end">${(t * most).toFixed(2)}</text>`,
  )
  writeFileSync(
    file,
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" font-family="sans-serif" font-size="12" fill="#333">
<rect width="${w}" height="${h}" fill="#fff"/><text x="${left}" y="20" font-size="14">${title}</text>
${ticks.join('\n')}
${shapes.join('\n')}
<text x="${(left + w) / 2}" y="${h - 8}" text-anchor="middle">CPU seconds of training and evaluation</text>
<text transform="translate(14 ${h / 2}) rotate(-90)" text-anchor="middle">hypervolume (mean, 95 % interval)</text></svg>
`,
  )
}
