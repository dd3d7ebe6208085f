import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { oraclePython } from './oracle-python.ts'

// Oracles that exist for Python alone are not among our dependencies: where somebody brought them, they judge.

export const pythonHas = (...modules: string[]): boolean =>
  spawnSync(oraclePython, ['-c', `import ${modules.join(', ')}`]).status === 0

export type OracleCase = { readonly file: Uint8Array; readonly input: readonly number[] }

/** Gives each model file and its input to `test/helpers/SCRIPT`, which answers one line of JSON a case. */
export function askPython<Answer>(script: string, cases: readonly OracleCase[]): Answer[] {
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-oracle-'))
  try {
    const listed = cases.map(({ file, input }, n) => {
      const path = join(folder, String(n))
      writeFileSync(path, file)
      return { file: path, input }
    })
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(listed))
    const program = fileURLToPath(new URL(script, import.meta.url))
    const lines = execFileSync(oraclePython, [program, join(folder, 'cases.json')], { maxBuffer: 1 << 28, encoding: 'utf8' })
      .trim()
      .split('\n')
    return lines.map((line) => JSON.parse(line) as Answer)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
