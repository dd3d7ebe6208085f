import { expect, test } from 'vitest'
import { cliReference } from '../../src/cli/reference.ts'

test('docs/cli.md is what the tables say (vitest -u writes it)', async () => {
  await expect(cliReference()).toMatchFileSnapshot('../../docs/cli.md')
})
