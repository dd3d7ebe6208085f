import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

export * from './study-values.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A results folder that vanishes after the test. */
export function resultsFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-store-'))
  folders.push(folder)
  return folder
}
