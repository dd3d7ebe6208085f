// Compiles the kernels of `native/` with the machine's own C compiler: part of `npm run build`. Where there is none, or it cannot, nothing is
// built and the WebAssembly kernels do all the work: the same bits, half as fast.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../', import.meta.url))
const run = promisify(execFile)

// Products and sums rounded one by one, whatever the compiler thinks is faster; doubles and floats may share memory.
const common = [
  '-std=gnu11',
  '-O3',
  '-fPIC',
  '-fno-fast-math',
  '-ffp-contract=off',
  '-fno-math-errno',
  '-fno-strict-aliasing',
  '-w',
]
const folder = process.argv[2] ?? join(root, 'build/native')
const target = join(folder, `kernels-${process.platform}-${process.arch}.node`)

/** Each unit once for every instruction set; `native/binding.c` chooses when it is loaded. */
function units() {
  const float = (table, ...flags) => ({ source: 'float/index.c', table: `float_${table}`, flags })
  const int8 = (table, ...flags) => ({ source: 'int8/index.c', table: `int8_${table}`, flags })
  const wide = {
    x64: [
      float('avx2', '-mavx2', '-mtune=haswell'),
      float('avx2_fused', '-mavx2', '-mfma', '-mtune=haswell', '-DFUSED'),
      int8('avx2', '-mavx2', '-mtune=haswell'),
      int8('vnni', '-mavx2', '-mavx512vl', '-mavx512vnni', '-mtune=haswell'),
    ],
    arm64: [float('neon_fused', '-DFUSED')],
  }
  return [...(wide[process.arch] ?? []), float('baseline'), { source: 'binding.c', table: 'binding', flags: [] }]
}

function compilers() {
  const asked = process.env.CC?.trim()
  return [...(asked ? [asked.split(/\s+/)] : []), ['cc'], ['gcc'], ['clang'], ['zig', 'cc']]
}

async function build([command, ...first]) {
  const headers = join(dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')), 'include')
  const work = mkdtempSync(join(folder, 'work-'))
  try {
    const objects = await Promise.all(
      units().map(async ({ source, table, flags }) => {
        const object = join(work, `${table}.o`)
        const from = join(root, 'native', source)
        await run(command, [
          ...first,
          ...common,
          ...flags,
          `-DTABLE=${table}`,
          `-I${headers}`,
          `-I${join(root, 'native')}`,
          '-c',
          from,
          '-o',
          object,
        ])
        return object
      }),
    )
    const undefinedSymbols = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []
    const library = join(work, 'kernels.node')
    await run(command, [...first, '-shared', ...undefinedSymbols, ...objects, '-o', library])
    // In one step: whoever has the old file open keeps it.
    renameSync(library, target)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const firstError = (error) =>
  String(error.stderr || error)
    .split('\n')
    .find((line) => /error/i.test(line)) ?? String(error)

mkdirSync(folder, { recursive: true })
rmSync(target, { force: true })
for (const compiler of compilers()) {
  try {
    await build(compiler)
    break
  } catch (error) {
    // That there is no such compiler is usual; one that fails says why.
    if (error.code !== 'ENOENT') console.log(`${compiler.join(' ')}: ${firstError(error)}`)
  }
}
console.log(
  existsSync(target)
    ? `${relative(root, target)}  ${statSync(target).size} bytes`
    : 'no C compiler: native kernels left out, WebAssembly does the work',
)
