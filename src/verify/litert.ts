import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * Runs a .tflite file in LiteRT (Google's own runtime, XNNPACK kernels), in this process: the npm package `@litertjs/core`, an optional
 * dependency. It verifies the file and computes what `evaluateReference(model, input, 'xnnpack')` must compute, to the bit.
 *
 * The package's public interface needs a browser and refuses int8, so the bindings below it are used. They are internal: the version is pinned.
 */
export type LitertResult =
  | {
      readonly status: 'ok' /** outputs[n][k] is the file's output k for inputs[n] */
      readonly outputs: readonly (readonly Int8Array[])[]
    }
  /** The package is not installed. */
  | { readonly status: 'not available'; readonly install: string }
  /** LiteRT refused the file or could not run it. */
  | { readonly status: 'failed'; readonly message: string }

export async function runLitert(bytes: Uint8Array, inputs: readonly Int8Array[]): Promise<LitertResult> {
  const runtime = await load()
  if (runtime === undefined) return { status: 'not available', install }
  try {
    complaints.length = 0
    const outputs = runModel(runtime, bytes, inputs)
    // It goes on after some failures and returns whatever lay in memory.
    if (complaints.length > 0) return { status: 'failed', message: complaints.join('; ') }
    return { status: 'ok', outputs }
  } catch (cause) {
    return { status: 'failed', message: cause instanceof Error ? cause.message : String(cause) }
  }
}

const install = 'npm install @litertjs/core@2.5.3'
const int8Element = 9

/** The part of the embind interface that is used. */
type Handle = { delete(): void }
type TensorType = { elementType(): { value: number }; bytes(): number }
type TensorBuffer = Handle & { lock(mode: unknown): number; unlock(): void }
type Runtime = {
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

/** What the runtime logged as an error since the last call. */
const complaints: string[] = []
const listen = (line: string): void => {
  if (line.startsWith('ERROR: ')) complaints.push(line.slice(7))
}

let loaded: Promise<Runtime | undefined> | undefined
function load(): Promise<Runtime | undefined> {
  loaded ??= instantiate()
  return loaded
}

async function instantiate(): Promise<Runtime | undefined> {
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
  const factory = wrap(require, script, folder, module, module.exports) as (options: object) => Promise<Runtime>
  return factory({
    wasmBinary: readFileSync(`${folder}litert_wasm_compat_internal.wasm`),
    locateFile: (file: string) => folder + file,
    print: listen,
    printErr: listen,
  })
}

function runModel(m: Runtime, bytes: Uint8Array, inputs: readonly Int8Array[]): Int8Array[][] {
  const held: (() => void)[] = []
  const hold = <T extends Handle>(handle: T): T => {
    held.push(() => handle.delete())
    return handle
  }
  try {
    const env = hold(m.LiteRtEnvironment.create(null))
    const pointer = m._malloc(bytes.length)
    held.push(() => m._free(pointer))
    m.HEAPU8.set(bytes, pointer)
    const model = hold(m.loadModel(env, pointer, bytes.length))
    const compiled = hold(m.compileModel(env, model, { accelerator: 'wasm', cpuOptions: { numThreads: 1 } }))
    const inputType = model.getInputTensorType(0, 0)
    if (inputType.elementType().value !== int8Element) throw new Error('the input is not int8')
    return inputs.map((input) => {
      if (input.length !== inputType.bytes())
        throw new Error(`input has ${input.length} values, the file takes ${inputType.bytes()}`)
      const buffer = m.LiteRtTensorBuffer.createManaged(env, m.LiteRtTensorBufferType.HOST_MEMORY, inputType, input.length)
      try {
        m.HEAPU8.set(input, buffer.lock(m.LiteRtTensorBufferLockMode.WRITE))
        buffer.unlock()
        return compiled.run(0, [buffer]).map((output, k) => {
          const type = model.getOutputTensorType(0, k)
          if (type.elementType().value !== int8Element) throw new Error(`output ${k} is not int8`)
          const at = output.lock(m.LiteRtTensorBufferLockMode.READ)
          const values = new Int8Array(m.HEAPU8.slice(at, at + type.bytes()).buffer)
          output.unlock()
          output.delete()
          return values
        })
      } finally {
        buffer.delete()
      }
    })
  } finally {
    for (const release of held.reverse()) release()
  }
}
