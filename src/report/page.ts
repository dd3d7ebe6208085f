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
