import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Root of the installed package, from `src/util` and `dist/util` alike: bundled spaces, devices and kernels resolve from here. */
export const packageRoot: string = fileURLToPath(new URL('../../', import.meta.url))

/** tinyfront's own version. */
export const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version
