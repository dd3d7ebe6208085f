import { createHash } from 'node:crypto'
import { type Content, markup, raw } from './markup.ts'
import { script } from './script.ts'
import { theme } from './theme.ts'

export type Page = {
  readonly title: string
  readonly lede: Content
  /** One entry of the navigation and one block of the page each; sections without content are left out. */
  readonly sections: readonly { readonly id: string; readonly name: string; readonly body: Content }[]
  readonly footer: Content
  /** What pages of this kind do beside showing tooltips, and how that looks: constant text of our own. */
  readonly more?: {
    readonly script: string
    readonly theme: string
    /** The page holds pictures, as `data:` addresses. */
    readonly pictures?: true
  }
}

/**
 * One self-contained HTML file: no request ever leaves it. The policy forbids everything but the inline styles and the one script with the given hash, so that even a
 * hole in the escaping could not run or fetch anything.
 */
export function htmlPage(page: Page): string {
  const code = script + (page.more?.script ?? '')
  const hash = createHash('sha256').update(code).digest('base64')
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; ${page.more?.pictures ? 'img-src data:; ' : ''}base-uri 'none'; form-action 'none'`
  const sections = page.sections.filter((s) => s.body !== null && s.body !== undefined && s.body !== false)
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${page.title} · tinyfront</title>
<style>${raw(theme + (page.more?.theme ?? ''))}</style>
</head>
<body>
<header class="top"><div>
<h1>${page.title}</h1>
${page.lede}
<nav aria-label="sections">${sections.map((s) => markup`<a href="#${s.id}">${s.name}</a>`)}</nav>
</div></header>
<main>
${sections.map((s) => markup`<section id="${s.id}"><h2>${s.name}</h2>${s.body}</section>\n`)}
<footer>${page.footer}</footer>
</main>
<script>${raw(code)}</script>
</body>
</html>
`.markup
}

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
