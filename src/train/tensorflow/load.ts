import { createRequire } from 'node:module'
import { join } from 'node:path'
import util from 'node:util'
import { TinyfrontError } from '../../util/errors.ts'
import { packageRoot } from '../../util/package-root.ts'
import type { Engine } from '../engine.ts'
import { makeTensorflowEngine } from './engine.ts'
import type { NativeTf } from './library.ts'

/** Resolving from here finds what `setup.mjs` built, then the optional package wherever npm put it. One copy: two would share their globals. */
const requireFrom = createRequire(join(packageRoot, 'node_modules', '.tensorflow', 'package.json'))

/** The engine on native TensorFlow. */
export const tensorflowEngine = async (): Promise<Engine> => makeTensorflowEngine(await loadTensorflow(...askedFor))

/** Who asks for TensorFlow where the engine is meant, and what would do without it. */
export const askedFor = ['--engine tensorflow', 'use --engine wasm'] as const

/** Refuses early where the package is not there; its native binding is tried when it is loaded. */
export function checkTensorflow(who: string, without: string): void {
  try {
    requireFrom.resolve('@tensorflow/tfjs-node')
  } catch (cause) {
    throw missing(who, without, cause)
  }
}

/**
 * Native TensorFlow, loaded when first asked for (seconds, half a GB). Throws TinyfrontError 'missingTool' where the optional
 * `@tensorflow/tfjs-node` or its native binding is absent; `who` asked for it, and could do `without` it.
 */
export async function loadTensorflow(who: string, without: string): Promise<NativeTf> {
  // Before TensorFlow starts: no banner about the CPU's features. A worker thread's `process.env` is a copy that C does not read.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  restoreIsNullOrUndefined()
  try {
    const tf = requireFrom('@tensorflow/tfjs-node') as NativeTf
    await tf.ready()
    return tf
  } catch (cause) {
    throw missing(who, without, cause)
  }
}

const missing = (who: string, without: string, cause: unknown): TinyfrontError =>
  new TinyfrontError(
    'missingTool',
    `${who}: @tensorflow/tfjs-node is not installed, or without its native binding`,
    `run \`npm --prefix ${packageRoot} run setup:tensorflow\` to build it (once), or ${without}`,
    { cause },
  )

/** Node 23 removed what tfjs-node 4.22 still calls. */
function restoreIsNullOrUndefined(): void {
  const old = util as { isNullOrUndefined?: (value: unknown) => boolean }
  old.isNullOrUndefined ??= (value) => value === null || value === undefined
}
