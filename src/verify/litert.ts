import { complaints, type LitertRuntime, loadLitert, openLitertModel } from './litert-runtime.ts'

/**
 * Runs a .tflite file in LiteRT (Google's own runtime, XNNPACK kernels), in this process: the npm package `@litertjs/core`, an optional
 * dependency. It verifies the file and computes what `evaluateReference(model, input, 'xnnpack')` must compute, to the bit.
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

const install = 'npm install @litertjs/core@2.5.3'

export async function runLitert(bytes: Uint8Array, inputs: readonly Int8Array[]): Promise<LitertResult> {
  const runtime = await loadLitert()
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

function runModel(runtime: LitertRuntime, bytes: Uint8Array, inputs: readonly Int8Array[]): Int8Array[][] {
  const model = openLitertModel(runtime, bytes)
  try {
    return inputs.map((input) => {
      const buffer = model.inputBuffer(input)
      try {
        return model.run(buffer).map((output, k) => {
          const values = model.values(output, k)
          output.delete()
          return values
        })
      } finally {
        buffer.delete()
      }
    })
  } finally {
    model.close()
  }
}
