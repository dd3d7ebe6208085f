import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { manifestSchema, readManifest } from '../../src/data/manifest.ts'

const project = new URL('../../', import.meta.url)

test('docs/dataset.schema.json is the schema of manifests', async () => {
  const text = `${JSON.stringify(z.toJSONSchema(manifestSchema, { io: 'input' }), null, 2)}\n`
  await expect(text).toMatchFileSnapshot('../../docs/dataset.schema.json')
})

const folder = new URL('bench/datasets/', project)
test.each(readdirSync(folder))('bench/datasets/%s is a valid manifest and names the schema', (name) => {
  const file = new URL(name, folder)
  expect(readManifest(file.pathname).manifest.kind).toMatch(/image|audio|series/)
  const schema = (JSON.parse(readFileSync(file, 'utf8')) as { $schema: string }).$schema
  expect(existsSync(new URL(schema, file))).toBe(true)
})
