import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

/** Lowest first. A file imports from its own folder or from a lower row, never sideways or up (docs/architecture.md). */
const floors = [
  ['util'],
  ['graph'],
  ['task'],
  ['space', 'device', 'quant'],
  ['search'],
  ['data'],
  ['train'],
  ['store', 'export'],
  ['verify', 'report'],
  ['run'],
  ['ui'],
  ['cli'],
]
/** The rooms of `run`, lowest first: what a study is, what is asked of boards without one, where jobs run, what is done in order, what is said of it afterwards. */
const roomsOfRun = ['record', 'boards', 'jobs', 'queue', 'phases', 'after']
const root = new URL('../src', import.meta.url).pathname
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => f.includes('/') && f.endsWith('.ts'))
const floorOf = (path: string) => floors.findIndex((row) => row.includes(path.split('/')[0]!))
const importsOf = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((m) =>
    posix.normalize(posix.join(posix.dirname(file), m[1]!)),
  )
/** Files directly in `run` stand above its rooms. */
const roomOf = (path: string) => {
  const room = roomsOfRun.indexOf(path.split('/')[1]!)
  return room < 0 ? roomsOfRun.length : room
}

test.each(files)('%s imports only from its own floor or below', (file) => {
  const wrong = importsOf(file).filter(
    (to) =>
      floorOf(to) < 0 ||
      floorOf(to) > floorOf(file) ||
      (floorOf(to) === floorOf(file) && to.split('/')[0] !== file.split('/')[0]),
  )
  expect(wrong).toEqual([])
})

test('the rooms of run have floors of their own', () => {
  const wrong = files
    .filter((f) => /^run\/[a-z]+\//.test(f))
    .flatMap((file) =>
      importsOf(file)
        .filter((to) => to.startsWith('run/') && roomOf(to) > roomOf(file))
        .map((to) => `${file} -> ${to}`),
    )
  expect(wrong).toEqual([])
})

test('no file only re-exports others: a name has one address (src/index.ts is the library)', () => {
  const reexport = /export (type )?(\{[^}]*\}|\*) from '[^']+'/g
  const barrels = files.filter((f) => readFileSync(join(root, f), 'utf8').replace(reexport, '').trim() === '')
  expect(barrels).toEqual([])
})

test('every folder of src stands on a floor', () => {
  expect(files.map((f) => f.split('/')[0]!).filter((d) => floorOf(`${d}/`) < 0)).toEqual([])
})

test('pure floors touch neither disk nor clock nor threads', () => {
  const pure = ['graph', 'task', 'space', 'device', 'quant', 'search']
  const allowed = new Set(['space/load.ts', 'device/load.ts'])
  const impure = files
    .filter((f) => pure.includes(f.split('/')[0]!) && !allowed.has(f))
    .filter((f) => /from 'node:(?!crypto)|Date\.now|performance\.now|setTimeout/.test(readFileSync(join(root, f), 'utf8')))
  expect(impure).toEqual([])
})

test('the TensorFlow engine stands beside the wasm engine, not on it', () => {
  const wrong = files.filter((f) => f.startsWith('train/tensorflow/') && importsOf(f).some((to) => to.startsWith('train/wasm/')))
  expect(wrong).toEqual([])
})

/** Longest function, in lines from its first to its last. */
const most = 80

/** Every function of a file that is longer, as `file: name, lines`; what a function returns as a function counts for both. */
function longFunctions(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const [first, last] = [node.getStart(source), node.end].map((at) => source.getLineAndCharacterOfPosition(at).line)
      const lines = last! - first! + 1
      if (lines > most) found.push(`${file}: ${nameOf(node)}, ${lines} lines`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** Its own name, or that of the constant or property it is. */
const nameOf = (node: ts.SignatureDeclaration): string =>
  node.name?.getText() ??
  (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent.name.getText() : 'a function')

test(`no function is longer than ${most} lines`, () => {
  const all = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'))
  expect(all.flatMap(longFunctions)).toEqual([])
})
