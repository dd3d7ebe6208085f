import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../src/util/package-root.ts'

const read = (path: string): string => readFileSync(join(packageRoot, path), 'utf8')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(packageRoot, 'docs')).flatMap((f) => (f.endsWith('.md') ? [`docs/${f}`] : [])),
]

test('README is read in two minutes: 60 to 90 lines', () => {
  const lines = read('README.md').trimEnd().split('\n').length
  expect(lines).toBeGreaterThanOrEqual(60)
  expect(lines).toBeLessThanOrEqual(90)
})

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/`/g, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-')
const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '')
const anchors = (page: string): string[] => [...withoutCode(read(page)).matchAll(/^#+ (.*)$/gm)].map((m) => anchorOf(m[1]!))

test.each(pages)('%s links to files and headings that exist', (page) => {
  const links = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map((m) => m[1]!).filter((to) => !/^[a-z]+:/.test(to))
  const dead = links.filter((link) => {
    const [path = '', anchor] = link.split('#')
    const to = path === '' ? page : join(dirname(page), path)
    return !existsSync(join(packageRoot, to)) || (anchor !== undefined && !anchors(to).includes(anchor))
  })
  expect(dead).toEqual([])
})

/** docs/cli.md is made from the parser's own tables (test/cli/reference.test.ts): flags by command, "data inspect" for a command of two words. */
const commands: ReadonlyMap<string, readonly string[]> = new Map(
  [...read('docs/cli.md').matchAll(/^### `tinyfront ([a-z ]+?)(?: [<[].*)?`\n[\s\S]*?^Options: (.*)$/gm)].map((m) => [
    m[1]!,
    m[2]!.match(/--[a-z0-9-]+/g) ?? [],
  ]),
)
const scripts: Readonly<Record<string, string>> = JSON.parse(read('package.json')).scripts

/** Whatever follows `tinyfront` in code, fenced or in backticks, up to a comment or the next command. */
const calls = (page: string): string[] =>
  [...read(page).matchAll(/^```[\s\S]*?^```|`[^`\n]+`/gm)]
    .flatMap((m) => m[0].replaceAll('`', '').split(/\n|&&|·/))
    .flatMap((line) => /(?:^|npx )\s*tinyfront ([a-z][^#|]*)/.exec(line)?.[1] ?? [])

/** What is wrong with one call, or nothing. */
function faultOf(call: string): string | undefined {
  const words = call.trim().split(/\s+/)
  const name = [words.slice(0, 2).join(' '), words[0]!].find((n) => commands.has(n))
  if (name === undefined) return `no command: tinyfront ${call}`
  const unknown = words.filter((w) => w.startsWith('--') && w !== '--help' && !commands.get(name)!.includes(w.split('=')[0]!))
  return unknown.length > 0 ? `tinyfront ${name} has no ${unknown.join(' ')}` : undefined
}

describe('commands that the docs name', () => {
  test('are looked for where they stand', () => {
    expect(commands.size).toBeGreaterThan(10)
    expect(calls('README.md').length).toBeGreaterThan(6)
    expect(faultOf('search --data x --no-such-flag')).toMatch(/--no-such-flag/)
    expect(faultOf('no-such-command')).toMatch(/no command/)
  })

  test.each(pages)('%s: tinyfront has each command with these flags', (page) => {
    expect(calls(page).flatMap((call) => faultOf(call) ?? [])).toEqual([])
  })

  test.each(pages)('%s: an option that stands alone belongs to some command', (page) => {
    const known = new Set(['--help', ...[...commands.values()].flat()])
    const alone = [...read(page).matchAll(/`(--[a-z0-9-]+)/g)].map((m) => m[1]!)
    expect(alone.filter((flag) => !known.has(flag))).toEqual([])
  })

  test.each(pages)('%s: npm has each script, and each file that is run exists', (page) => {
    const text = read(page)
    const named = [...text.matchAll(/npm run ([a-z0-9:-]+)/g)].map((m) => m[1]!)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
    const run = [...text.matchAll(/\b(?:tsx|vitest run --project unit) ((?:bench|test)\/[\w./-]+)/g)].map((m) => m[1]!)
    expect(run.filter((file) => !existsSync(join(packageRoot, file)))).toEqual([])
  })
})

/** Paths in backticks, from the root or from `src`. Those with NAME or * in them stand for files that a contributor makes. */
const filesNamed = (page: string): string[] =>
  [...read(page).matchAll(/`((?:\.{0,2}[a-z0-9-]+\/)+[a-z0-9.-]*)`/g)]
    .map((m) => m[1]!)
    .filter((p) => folders.has(p.split('/')[0]!))
const folders = new Set(['', 'src'].flatMap((base) => readdirSync(join(packageRoot, base))).filter((name) => name !== 'results'))

test.each(pages)('%s: the files of the project that it names exist', (page) => {
  const missing = filesNamed(page).filter((path) => !['', 'src'].some((base) => existsSync(join(packageRoot, base, path))))
  expect(missing).toEqual([])
})

test('CONTRIBUTING names the files to touch', () => {
  expect(filesNamed('CONTRIBUTING.md').length).toBeGreaterThan(25)
})

test('every decision of docs/architecture.md leads to a finding, and every finding belongs to one', () => {
  const linked = [...read('docs/architecture.md').matchAll(/^\| \d+ \|.*\(findings\.md#([^)]+)\) \|$/gm)].map((m) => m[1]!)
  expect(linked.length).toBeGreaterThan(20)
  expect(anchors('docs/findings.md').filter((a) => /^\d/.test(a))).toEqual(linked)
})
