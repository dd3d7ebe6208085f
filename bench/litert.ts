import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The bindings under `@litertjs/core` 2.5.3 that a timing needs. `src/verify/litert.ts` explains the detour. */
type Handle = { delete(): void }
type Bindings = {
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
  LiteRtEnvironment: { create(options: null): Handle }
  LiteRtTensorBufferType: { HOST_MEMORY: unknown }
  LiteRtTensorBufferLockMode: { WRITE: unknown }
  LiteRtTensorBuffer: {
    createManaged(env: Handle, memory: unknown, type: unknown, bytes: number): { lock(mode: unknown): number; unlock(): void }
  }
  loadModel(env: Handle, pointer: number, bytes: number): { getInputTensorType(signature: number, index: number): unknown }
  compileModel(env: Handle, model: unknown, options: object): { run(signature: number, inputs: unknown[]): Handle[] }
}

/** Compiles a file and returns one inference on a fixed input, buffers made once. undefined where LiteRT is not installed. */
export async function openLitert(): Promise<((file: Uint8Array, input: Int8Array) => () => void) | undefined> {
  const require = createRequire(import.meta.url)
  let folder: string
  try {
    folder = join(dirname(require.resolve('@litertjs/core/package.json')), 'wasm/')
  } catch {
    return undefined
  }
  const script = `${folder}litert_wasm_compat_internal.js`
  const module = { exports: {} }
  const names = ['require', '__filename', '__dirname', 'module', 'exports']
  const wrap = new Function(...names, `${readFileSync(script, 'utf8')}\n;return ModuleFactory`)
  const m: Bindings = await wrap(
    require,
    script,
    folder,
    module,
    module.exports,
  )({
    wasmBinary: readFileSync(script.replace('.js', '.wasm')),
    locateFile: (file: string) => folder + file,
    print() {},
    printErr() {},
  })
  return (file, input) => {
    const env = m.LiteRtEnvironment.create(null)
    const pointer = m._malloc(file.length)
    m.HEAPU8.set(file, pointer)
    const model = m.loadModel(env, pointer, file.length)
    const compiled = m.compileModel(env, model, { accelerator: 'wasm', cpuOptions: { numThreads: 1 } })
    const type = model.getInputTensorType(0, 0)
    const buffer = m.LiteRtTensorBuffer.createManaged(env, m.LiteRtTensorBufferType.HOST_MEMORY, type, input.length)
    m.HEAPU8.set(input, buffer.lock(m.LiteRtTensorBufferLockMode.WRITE))
    buffer.unlock()
    return () => {
      for (const output of compiled.run(0, [buffer])) output.delete()
    }
  }
}
