import { expect, test } from 'vitest'
import { chooseKernels } from '../../../src/train/wasm/choose.ts'
import { buildNative, compilerWith, nativeIsBuilt, unlessBuilt } from '../../helpers/native-build.ts'

test.skipIf(!nativeIsBuilt)(
  `a compiler that rounds otherwise is found out: auto computes with WebAssembly and says so, native is refused${unlessBuilt}`,
  () => {
    const { file } = buildNative({ ...process.env, CC: compilerWith('-ffast-math') })
    expect(chooseKernels('auto', false, file)).toEqual({
      kind: 'wasm',
      said: expect.stringMatching(/^wasm \(native kernels differ: \w+\)$/),
    })
    expect(() => chooseKernels('native', false, file)).toThrow(/native kernels differ/)
    // What that compiler's start-up code does to denormal numbers is undone.
    expect(Number.MIN_VALUE * 1).toBeGreaterThan(0)
  },
)
