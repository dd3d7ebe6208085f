// Bundles the page of `tinyfront ui`: one script, nothing loaded from elsewhere. `npm run build:ui`.
import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const outfile = `${root}build/ui.js`
mkdirSync(`${root}build`, { recursive: true })
await build({
  entryPoints: [`${root}src/ui/page/main.ts`],
  outfile,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022'],
  platform: 'browser',
  logLevel: 'warning',
})
const bytes = readFileSync(outfile)
console.log(`build/ui.js  ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`)
