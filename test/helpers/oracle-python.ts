import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const installed = fileURLToPath(new URL('../../node_modules/.oracles/bin/python', import.meta.url))

/** The Python that has the oracles of `test/oracles.txt`, where `.ci/run` or TINYFRONT_PYTHON brought one. */
export const oraclePython = process.env.TINYFRONT_PYTHON ?? (existsSync(installed) ? installed : 'python3')
