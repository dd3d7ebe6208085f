// Adds up vitest's JSON reports; fails if the committed golden set did not run.
import { readFileSync } from 'node:fs'

const reports = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')))
const golden = reports
  .flatMap((r) => r.testResults)
  .filter((t) => /golden/.test(t.name))
  .flatMap((t) => t.assertionResults)
  .filter((a) => a.status === 'passed').length
const sum = (key) => reports.reduce((n, r) => n + r[key], 0)
console.log(`golden: ${golden} tests ran`)
console.log(`tests: ${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed, ${sum('numPendingTests')} skipped`)
if (golden === 0) {
  console.error('the committed golden set did not run')
  process.exit(1)
}
