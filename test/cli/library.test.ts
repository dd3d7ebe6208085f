import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'

test('the example of docs/library.md runs as it stands', async () => {
  const page = readFileSync(new URL('../../docs/library.md', import.meta.url), 'utf8')
  const code = /```ts\n([\s\S]*?)```/.exec(page)![1]!
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-example-'))
  const index = new URL('../../src/index.ts', import.meta.url).href
  const file = join(folder, 'example.ts')
  writeFileSync(
    file,
    code
      .replace("'tinyfront'", `'${index}'`)
      .replace("study: 'example',", `study: 'example', results: ${JSON.stringify(folder)},`),
  )
  const lines: unknown[][] = []
  vi.spyOn(console, 'log').mockImplementation((...args) => void lines.push(args))
  try {
    await import(/* @vite-ignore */ pathToFileURL(file).href)
  } finally {
    vi.restoreAllMocks()
    rmSync(folder, { recursive: true, force: true })
  }
  expect(lines.filter(([first]) => typeof first === 'number')).toHaveLength(12)
  expect(lines.some(([first]) => first === 'stm32f446')).toBe(true)
})
