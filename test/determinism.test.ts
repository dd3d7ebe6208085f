import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/**
 * IEEE 754 fixes + - * / and sqrt; `Math.exp` and its kin may differ between engines, and `Math.random`, `Date` never reach a result.
 * Pictures (report/) and the clock at the edge (run/, ui/, cli/) are exempt.
 */
const root = new URL('../src', import.meta.url).pathname
const exempt = /^(report|run|ui|cli|verify|store)\//
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts') && !exempt.test(f))

test.each(files)('%s uses only portable arithmetic', (file) => {
  const code = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
  expect(
    code.match(/Math\.(exp|expm1|log\w*|sin\w*|cos\w*|tan\w*|pow|atan\w*|cbrt|hypot|random)\b|Date\.now|new Date|\*\*(?!\/)/g) ??
      [],
  ).toEqual([])
})
