import { type Markup, markup } from '../markup.ts'

/** Above this a cell is too small to be read; the report lists the confusions instead. */
export const heatmapLimit = 40

/** Confusion matrix: rows are the truth, columns what was predicted; the tint is the share of the row. */
export function heatmap(classes: readonly string[], counts: readonly (readonly number[])[], title: string): Markup {
  const n = classes.length
  const names = classes.map((c) => (c.length > 12 ? `${c.slice(0, 11)}…` : c))
  const gutter = 14 + Math.max(...names.map((name) => name.length)) * 6.6
  const cell = Math.max(14, Math.min(44, 460 / n))
  const width = gutter + n * cell + 8
  const height = gutter + n * cell + 22
  const sums = counts.map((row) => row.reduce((a, b) => a + b, 0))
  return markup`<svg class="heat" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${title}">
<desc>Rows are true classes, columns predicted ones.</desc>
<g class="ticks">${names.map((name, i) => markup`<text x="${gutter - 6}" y="${gutter + (i + 0.5) * cell + 4}" text-anchor="end">${name}</text><text transform="translate(${gutter + (i + 0.5) * cell + 4} ${gutter - 6}) rotate(-90)">${name}</text>`)}</g>
<rect class="frame" x="${gutter}" y="${gutter}" width="${n * cell}" height="${n * cell}"/>
${counts.flatMap((row, t) => row.map((count, p) => (count > 0 ? box(t, p, count) : null)))}
<text class="label" x="${gutter}" y="${height - 6}">rows: truth · columns: prediction</text>
</svg>`

  function box(t: number, p: number, count: number): Markup {
    const share = sums[t]! > 0 ? count / sums[t]! : 0
    const tip = `${classes[t]} taken for ${classes[p]}: ${count} of ${sums[t]} (${(share * 100).toFixed(1)} %)`
    const x = gutter + p * cell
    const y = gutter + t * cell
    const label =
      cell >= 22 &&
      markup`<text class="${share > 0.5 ? 'on' : 'off'}" x="${x + cell / 2}" y="${y + cell / 2 + 4}" text-anchor="middle">${String(count)}</text>`
    return markup`<g data-cell="${t},${p}"><title>${tip}</title><rect class="${t === p ? 'hit' : 'miss'}" x="${x}" y="${y}" width="${cell}" height="${cell}" fill-opacity="${Math.max(0.06, Math.sqrt(share))}"/>${label}</g>`
  }
}
