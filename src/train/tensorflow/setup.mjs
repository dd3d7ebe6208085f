#!/usr/bin/env node
// Builds `@tensorflow/tfjs-node` where its own download is blocked: the JavaScript from npm, TensorFlow's headers and libraries from the
// `tensorflow-cpu` wheel on PyPI, the binding compiled here against the running Node's own headers. All of it lies in one folder,
// `node_modules/.tensorflow` of this package, where `load.ts` looks; `--undo` removes that folder.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const home = fileURLToPath(new URL('../../../node_modules/.tensorflow', import.meta.url))
const tfjsNode = join(home, 'node_modules', '@tensorflow', 'tfjs-node')
const tfjsVersion = '4.22.0'
/** Any Python's wheel holds the same libraries; one is pinned, with the digest of PyPI's index. */
const wheel = {
  requirement: 'tensorflow-cpu==2.21.0',
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  tags: ['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311', '--platform', 'manylinux_2_27_x86_64'],
}
const libraries = { libtensorflow: 'libtensorflow_cc.so.2', libtensorflow_framework: 'libtensorflow_framework.so.2' }
const usage =
  'npm run setup:tensorflow            builds it (300 MB to fetch, 1.5 GB of disk, minutes)\nnpm run setup:tensorflow -- --undo  removes it again'
const nodeHeaders = dirname(dirname(process.execPath))

/** Of a wheel in argv[1]: headers to argv[2]/include, the named libraries to argv[2]/lib. */
const unpack = `
import os, shutil, sys, zipfile
folder, deps, names = sys.argv[1], sys.argv[2], set(sys.argv[3:])
with zipfile.ZipFile(os.path.join(folder, os.listdir(folder)[0])) as wheel:
    for member in wheel.namelist():
        parts = member.split('/')
        if member.startswith('tensorflow/include/') and not member.endswith('/'):
            target = os.path.join(deps, 'include', *parts[2:])
        elif parts[-1] in names:
            target = os.path.join(deps, 'lib', parts[-1])
            names.remove(parts[-1])
        else:
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with wheel.open(member) as source, open(target, 'wb') as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
sys.exit('missing in the wheel: ' + ', '.join(names) if names else 0)
`

try {
  main(process.argv.slice(2))
} catch (error) {
  if (!error.remedy) throw error
  console.error(`setup:tensorflow: ${error.message}\n${error.remedy}`)
  process.exitCode = 4
}

function main([option, ...rest]) {
  if (option === '--undo' && rest.length === 0) return undo()
  if (option !== undefined) {
    console.log(usage)
    process.exitCode = option === '--help' ? 0 : 2
    return
  }
  if (works()) return console.log(`already built: ${tfjsNode}`)
  checkMachine()
  rmSync(home, { recursive: true, force: true })
  try {
    fetchPackage()
    fetchLibraries()
    compile()
    if (!works(console.error)) fail('the binding was built but does not load (see above)', 'use --engine wasm')
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    throw error
  }
  console.log(`built: ${tfjsNode}\nuse it with --engine tensorflow`)
}

function undo() {
  console.log(existsSync(home) ? `removed ${home}` : `nothing to undo: ${home} does not exist`)
  rmSync(home, { recursive: true, force: true })
}

function checkMachine() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    fail(
      `this recipe builds on Linux x64, this is ${process.platform} ${process.arch}`,
      'try `npm rebuild @tensorflow/tfjs-node`, which downloads a binding, or use --engine wasm',
    )
  for (const [tool, remedy] of [
    ['python3', 'install Python 3 with pip'],
    ['g++', 'install a C++ compiler (Debian: apt install build-essential)'],
    ['make', 'install make (Debian: apt install build-essential)'],
  ])
    if (spawnSync(tool, ['--version']).status !== 0) fail(`${tool} is not on the PATH`, remedy)
  if (spawnSync('python3', ['-m', 'pip', '--version']).status !== 0)
    fail('Python has no pip', 'install it (Debian: apt install python3-pip)')
  if (!existsSync(join(nodeHeaders, 'include', 'node', 'node_api.h')))
    fail(
      `no headers beside this Node (${nodeHeaders}/include/node)`,
      'install them (Debian: libnode-dev) or use the archive of nodejs.org',
    )
}

function fetchPackage() {
  mkdirSync(home, { recursive: true })
  const dependencies = { '@tensorflow/tfjs-node': tfjsVersion }
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'tinyfront-tensorflow', private: true, dependencies }))
  run('1/3 npm', 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], home)
}

/** pip refuses a wheel whose digest is another. */
function fetchLibraries() {
  const requirements = join(home, 'requirements.txt')
  writeFileSync(requirements, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`)
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes', ...wheel.tags]
  run(`2/3 pip, ${wheel.requirement}`, 'python3', [...pip, '-r', requirements, '-d', join(home, 'wheel')], home)
  const deps = join(tfjsNode, 'deps')
  mkdirSync(join(deps, 'lib'), { recursive: true })
  run('    unpacking', 'python3', ['-c', unpack, join(home, 'wheel'), deps, ...Object.values(libraries)], home)
  for (const [name, file] of Object.entries(libraries)) symlinkSync(file, join(deps, 'lib', `${name}.so`))
  rmSync(join(home, 'wheel'), { recursive: true })
}

function compile() {
  const nodePreGyp = join(home, 'node_modules', '.bin', 'node-pre-gyp')
  run('3/3 compiling', nodePreGyp, ['install', '--build-from-source', '--loglevel=warn'], tfjsNode, {
    npm_config_nodedir: nodeHeaders,
  })
}

/** One line for each step; the tool's own words only where it fails. */
function run(title, command, args, cwd, env = {}) {
  console.log(title)
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status === 0) return
  console.error(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`)
  fail(`${title.trim()}: ${command} failed (see above)`, 'mend that and run this again, or use --engine wasm')
}

/** Whether a fresh Node can compute with it; `say` hears why not. */
function works(say = () => {}) {
  if (!existsSync(tfjsNode)) return false
  const code = `
    const util = require('node:util')
    util.isNullOrUndefined ??= (value) => value === null || value === undefined
    const tf = require(${JSON.stringify(tfjsNode)})
    process.exit(tf.getBackend() === 'tensorflow' && tf.add(1, 2).dataSync()[0] === 3 ? 0 : 1)`
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' }
  const { status, stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', env })
  if (status !== 0) say(stderr)
  return status === 0
}

/** Ends in two lines: what is wrong, and how to mend it. */
function fail(message, remedy) {
  throw Object.assign(new Error(message), { remedy })
}
