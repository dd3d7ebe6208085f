/** Writes the JSON schemas beside the data, for completion in editors: `npx tsx bench/device-schemas.ts`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deviceFileSchemas } from '../src/device/schema.ts'
import { packageRoot } from '../src/util/package-root.ts'

for (const [name, schema] of Object.entries(deviceFileSchemas()))
  writeFileSync(join(packageRoot, 'devices', name), `${JSON.stringify(schema, null, 2)}\n`)
