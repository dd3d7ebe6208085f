// One study under every Node that we support: equal journals, times apart. The other versions come from npm's package `node`.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const majors = [20, 22, 24]
const main = new URL('../dist/cli/main.js', import.meta.url).pathname
const folder = new URL('../node_modules/.nodes/', import.meta.url).pathname
const results = mkdtempSync(join(tmpdir(), 'tinyfront-nodes-'))

/** Path of this major's `node`: the running one, or npm's. Undefined where npm cannot bring it. */
function nodeOf(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  const path = join(folder, `node_modules/node${major}/bin/node`)
  if (!existsSync(path)) {
    const install = [
      'install',
      '--prefix',
      folder,
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `node${major}@npm:node@${major}`,
    ]
    try {
      execFileSync('npm', install, { stdio: 'ignore' })
    } catch {
      // said below
    }
  }
  return existsSync(path) ? path : undefined
}

/** The journal of a small study with teacher, polish and test, without what depends on the clock or on the name of the study. */
function journalUnder(node, study) {
  const options = ['--data', 'builtin:gestures?count=400', '--device', 'stm32f446,rp2040', '--trials', '10', '--polish', '2']
  execFileSync(node, [
    main,
    'search',
    ...options,
    '--seed',
    '7',
    '--workers',
    '2',
    '--study',
    study,
    '--results',
    results,
    '--quiet',
  ])
  const lines = readFileSync(join(results, study, 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
  const timeless = (key, value) =>
    ['seconds', 'milliseconds', 'sum', 'createdAt', 'name', 'study'].includes(key) ? undefined : value
  return lines.map((line) => JSON.stringify(JSON.parse(line), timeless))
}

const said = []
let first
try {
  for (const major of majors) {
    const node = nodeOf(major)
    if (!node) {
      console.log(`node ${major}: npm could not bring it, not compared`)
      continue
    }
    const journal = journalUnder(node, `under-${major}`)
    said.push(execFileSync(node, ['--version'], { encoding: 'utf8' }).trim())
    first ??= journal
    const differs = journal.findIndex((line, i) => line !== first[i])
    if (differs >= 0 || journal.length !== first.length) {
      const at = differs >= 0 ? differs : Math.min(journal.length, first.length)
      console.error(`node ${said.at(-1)}: line ${at + 1} of the journal is not that of ${said[0]}:\n${first[at]}\n${journal[at]}`)
      process.exitCode = 1
    }
  }
} finally {
  rmSync(results, { recursive: true, force: true })
}
if (!process.exitCode) console.log(`${said.join(', ')}: equal journals of ${first.length} lines`)
