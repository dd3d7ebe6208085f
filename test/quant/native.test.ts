import { afterAll, beforeAll, expect, test } from 'vitest'
import { computeInt8With, loadInt8Kernels } from '../../src/quant/kernels.ts'
import { loadNative } from '../../src/util/native.ts'

// All that holds for the evaluator, once more with native kernels: registered by the file that states it.
const built = Object.keys(loadNative('int8')?.kernels ?? {})
if (built.length > 0) {
  beforeAll(() => computeInt8With('native'))
  afterAll(() => computeInt8With('wasm'))
  await import('./evaluator.test.ts')
}

test.skipIf(built.length === 0)(
  'native int8 kernels stand in for those of WebAssembly (skipped: none are built for this machine)',
  () => {
    const [native, wasm] = [loadInt8Kernels('native').exports, loadInt8Kernels('wasm').exports]
    for (const name of built) expect(native[name as keyof typeof native], name).not.toBe(wasm[name as keyof typeof wasm])
    expect(Object.keys(native).sort()).toEqual(Object.keys(wasm).sort())
  },
)
