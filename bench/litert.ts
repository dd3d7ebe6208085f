import { loadLitert, openLitertModel } from '../src/verify/litert-runtime.ts'

/** Compiles a file and returns one inference on a fixed input, buffers made once. undefined where LiteRT is not installed. */
export async function openLitert(): Promise<((file: Uint8Array, input: Int8Array) => () => void) | undefined> {
  const runtime = await loadLitert()
  if (runtime === undefined) return undefined
  return (file, input) => {
    const model = openLitertModel(runtime, file)
    const buffer = model.inputBuffer(input)
    return () => {
      for (const output of model.run(buffer)) output.delete()
    }
  }
}
