import { type Content, markup, raw } from './markup.ts'

/** `n`: numbers, to the right; `wrap`: long text; `bar`: a bar with its figure. */
export type HtmlColumn = {
  readonly title: string
  readonly kind?: 'n' | 'wrap' | 'bar'
  /** Name of the rows' value that this column is sorted by, and which end is of interest first. */
  readonly sort?: { readonly by: string; readonly first: 'least' | 'most' }
}
export type HtmlRow = {
  readonly cells: readonly Content[]
  readonly className?: string
  /** Values behind the cells, for sorting and filtering, by names of our own; those that are not known are left out. */
  readonly values?: Readonly<Record<string, number | string | null>>
}

/** A table that scrolls sideways on a phone; numbers to the right. */
export const htmlTable = (columns: readonly HtmlColumn[], rows: readonly HtmlRow[]) =>
  markup`<div class="scroll"><table><thead><tr>${columns.map(
    (c) =>
      markup`<th${c.kind && markup` class="${c.kind}"`}${c.sort && markup` data-by="${c.sort.by}" data-first="${c.sort.first}"`}>${c.title}</th>`,
  )}</tr></thead>
<tbody>${rows.map(
    (row) =>
      markup`<tr${row.className && markup` class="${row.className}"`}${valuesOf(row)}>${row.cells.map((cell, i) => markup`<td${columns[i]!.kind && markup` class="${columns[i]!.kind}"`}>${cell}</td>`)}</tr>\n`,
  )}</tbody></table></div>`

const valuesOf = ({ values = {} }: HtmlRow): Content =>
  Object.entries(values).map(([key, value]) => value !== null && markup` ${raw(`data-${key}`)}="${String(value)}"`)

export const definitions = (pairs: readonly { readonly key: string; readonly value: Content }[]) =>
  markup`<dl>${pairs.map((p) => markup`<dt>${p.key}</dt><dd>${p.value}</dd>`)}</dl>`
