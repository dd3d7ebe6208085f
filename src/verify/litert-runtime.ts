import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

// The bindings below the public interface of `@litertjs/core`, which needs a browser and refuses int8. They are internal: the version is pinned.

type Handle = { delete(): void }
type TensorType = { elementType(): { value: number }; bytes(): number }
type TensorBuffer = Handle & { lock(mode: unknown): number; unlock(): void }

/** The part of the embind interface that is used. */
export type LitertRuntime = {
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(pointer: number): void
  LiteRtEnvironment: { create(options: null): Handle }
  LiteRtTensorBufferType: { HOST_MEMORY: unknown }
  LiteRtTensorBufferLockMode: { READ: unknown; WRITE: unknown }
  LiteRtTensorBuffer: { createManaged(env: Handle, memory: unknown, type: TensorType, bytes: number): TensorBuffer }
  loadModel(
    env: Handle,
    pointer: number,
    bytes: number,
  ): Handle & {
    getInputTensorType(signature: number, index: number): TensorType
    getOutputTensorType(signature: number, index: number): TensorType
  }
  compileModel(
    env: Handle,
    model: Handle,
    options: object,
  ): Handle & { run(signature: number, inputs: TensorBuffer[]): TensorBuffer[] }
}

/** A compiled file with an int8 input. Buffers belong to whoever asked for them. */
export type LitertModel = {
  inputBuffer(values: Int8Array): TensorBuffer
  run(input: TensorBuffer): TensorBuffer[]
  /** A copy of output k. */
  values(output: TensorBuffer, k: number): Int8Array
  close(): void
}

const int8Element = 9

/** What the runtime logged as an error since somebody last emptied the list. */
export const complaints: string[] = []
const listen = (line: string): void => {
  if (line.startsWith('ERROR: ')) complaints.push(line.slice(7))
}

let loaded: Promise<LitertRuntime | undefined> | undefined

/** undefined where the package is not installed. */
export function loadLitert(): Promise<LitertRuntime | undefined> {
  loaded ??= instantiate()
  return loaded
}

async function instantiate(): Promise<LitertRuntime | undefined> {
  const require = createRequire(import.meta.url)
  let folder: string
  try {
    folder = join(dirname(require.resolve('@litertjs/core/package.json')), 'wasm/')
  } catch {
    return undefined
  }
  // "compat" needs no relaxed SIMD, which Node 20 hides behind a flag. The glue is CommonJS in an ESM package: it cannot be required.
  const script = `${folder}litert_wasm_compat_internal.js`
  const module = { exports: {} }
  const wrap = new Function(
    'require',
    '__filename',
    '__dirname',
    'module',
    'exports',
    `${readFileSync(script, 'utf8')}\n;return ModuleFactory`,
  )
  const factory = wrap(require, script, folder, module, module.exports) as (options: object) => Promise<LitertRuntime>
  return factory({
    wasmBinary: readFileSync(`${folder}litert_wasm_compat_internal.wasm`),
    locateFile: (file: string) => folder + file,
    print: listen,
    printErr: listen,
  })
}

/** Compiles a .tflite file for one thread. Throws what the runtime throws, or an Error where the input is not int8. */
export function openLitertModel(m: LitertRuntime, file: Uint8Array): LitertModel {
  const held: (() => void)[] = []
  const close = (): void => {
    for (const release of held.splice(0).reverse()) release()
  }
  const hold = <T extends Handle>(handle: T): T => {
    held.push(() => handle.delete())
    return handle
  }
  try {
    const env = hold(m.LiteRtEnvironment.create(null))
    const pointer = m._malloc(file.length)
    held.push(() => m._free(pointer))
    m.HEAPU8.set(file, pointer)
    const model = hold(m.loadModel(env, pointer, file.length))
    const compiled = hold(m.compileModel(env, model, { accelerator: 'wasm', cpuOptions: { numThreads: 1 } }))
    const inputType = model.getInputTensorType(0, 0)
    if (inputType.elementType().value !== int8Element) throw new Error('the input is not int8')
    return {
      inputBuffer(values) {
        if (values.length !== inputType.bytes())
          throw new Error(`input has ${values.length} values, the file takes ${inputType.bytes()}`)
        const buffer = m.LiteRtTensorBuffer.createManaged(env, m.LiteRtTensorBufferType.HOST_MEMORY, inputType, values.length)
        m.HEAPU8.set(values, buffer.lock(m.LiteRtTensorBufferLockMode.WRITE))
        buffer.unlock()
        return buffer
      },
      run: (input) => compiled.run(0, [input]),
      values(output, k) {
        const type = model.getOutputTensorType(0, k)
        if (type.elementType().value !== int8Element) throw new Error(`output ${k} is not int8`)
        const at = output.lock(m.LiteRtTensorBufferLockMode.READ)
        const values = new Int8Array(m.HEAPU8.slice(at, at + type.bytes()).buffer)
        output.unlock()
        return values
      },
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}
