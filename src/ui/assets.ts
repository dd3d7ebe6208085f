import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { theme } from '../report/theme.ts'
import { TinyfrontError } from '../util/errors.ts'
import { packageRoot } from '../util/package-root.ts'
import { uiTheme } from './theme.ts'

type Asset = { readonly type: string; readonly body: string | Uint8Array }

/** The page itself holds nothing: what it shows it asks for, with the token that it was opened with. */
const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>tinyfront</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/ui.css">
<script src="/ui.js" type="module"></script>
</head>
<body><div id="app"><p class="wait">opening …</p></div><noscript>This page is drawn by its script.</noscript></body>
</html>
`
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M2 2v12h12" fill="none" stroke="#59616f" stroke-width="1.5"/><path d="M4 11h3V7h3V4h4" fill="none" stroke="#0b63b5" stroke-width="2"/></svg>`

/** Files of the page by their path. */
export function assets(): (path: string) => Asset | undefined {
  const script = join(packageRoot, 'build/ui.js')
  if (!existsSync(script))
    throw new TinyfrontError('missingTool', 'the page was not built (build/ui.js)', 'run `npm run build:ui`')
  const table = new Map<string, Asset>([
    ['/', { type: 'text/html; charset=utf-8', body: html }],
    ['/ui.js', { type: 'text/javascript; charset=utf-8', body: readFileSync(script) }],
    ['/ui.css', { type: 'text/css; charset=utf-8', body: theme + uiTheme }],
    ['/icon.svg', { type: 'image/svg+xml', body: icon }],
  ])
  return (path) => table.get(path)
}
