import { int8Agrees } from '../../quant/self-test.ts'
import { TinyfrontError } from '../../util/errors.ts'
import { type KernelKind, nativeFile } from '../../util/native.ts'
import { differingKernel, loadTwins } from './self-test.ts'

/** What a person may ask for: `auto` is native where it is built and gives WebAssembly's bits on this machine. */
export const kernelChoices = ['auto', 'native', 'wasm'] as const satisfies readonly ('auto' | KernelKind)[]
export type KernelChoice = (typeof kernelChoices)[number]

export type ChosenKernels = {
  readonly kind: KernelKind
  /** "native avx2", "wasm", or "wasm (native kernels differ: matrixForward)". */
  readonly said: string
}

/** Answers of the self-test, which takes a tenth of a second: neither the CPU nor the file changes under a running program. */
const tested = new Map<string, ChosenKernels>()

/** Throws TinyfrontError 'missingTool' where native kernels were asked for and cannot serve. */
export function chooseKernels(asked: KernelChoice, fastMath: boolean, file: string = nativeFile): ChosenKernels {
  if (asked === 'wasm') return { kind: 'wasm', said: 'wasm' }
  const key = `${fastMath} ${file}`
  const chosen = tested.get(key) ?? test(fastMath, file)
  tested.set(key, chosen)
  if (asked === 'native' && chosen.kind !== 'native')
    throw new TinyfrontError(
      'missingTool',
      chosen.said === 'wasm' ? 'native kernels are not built, or not for this machine' : `kernels: ${chosen.said}`,
      'install a C compiler and run npm run build, or leave out --kernels native',
    )
  return chosen
}

function test(fastMath: boolean, file: string): ChosenKernels {
  const twins = loadTwins(fastMath, file)
  if (!twins) return { kind: 'wasm', said: 'wasm' }
  const differs = differingKernel(twins) ?? (int8Agrees(file) ? undefined : 'int8')
  if (differs) return { kind: 'wasm', said: `wasm (native kernels differ: ${differs})` }
  return { kind: 'native', said: `native ${twins.instructions}` }
}
