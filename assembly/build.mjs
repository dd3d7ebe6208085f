// Compiles the kernels: `npm run build:wasm`. Plain SIMD128 gives the same bits on every CPU; the relaxed build may fuse
// multiply and add where the CPU can (`--fast-math`).
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = fileURLToPath(new URL('../', import.meta.url))
const entries = ['assembly/memory.ts', 'assembly/float/index.ts', 'assembly/int8.ts'].filter((file) => existsSync(root + file))
// No runtime: kernels take raw pointers into a memory that TypeScript plans.
const common = ['--importMemory', '--runtime', 'stub', '--noAssert', '-O3', '--enable', 'simd', '--baseDir', root]

async function build(out, ...flags) {
  mkdirSync(`${root}build`, { recursive: true })
  const { error, stderr } = await asc.main([...entries, ...common, ...flags, '--outFile', `build/${out}`])
  if (error) {
    console.error(stderr.toString())
    process.exit(1)
  }
  console.log(`build/${out}  ${statSync(`${root}build/${out}`).size} bytes`)
}

await build('kernels.wasm')
await build('kernels-relaxed.wasm', '--enable', 'relaxed-simd')
