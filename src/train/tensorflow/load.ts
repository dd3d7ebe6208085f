import { createRequire } from 'node:module'
import { join } from 'node:path'
import util from 'node:util'
import { TinyfrontError } from '../../util/errors.ts'
import { packageRoot } from '../../util/package-root.ts'
import type { Engine } from '../engine.ts'
import { makeTensorflowEngine } from './engine.ts'
import type { Tf } from './library.ts'

/** Where `setup.mjs` puts what it builds. */
const builtHere = join(packageRoot, 'node_modules', '.tensorflow', 'package.json')

/**
 * The engine on native TensorFlow, loaded when first asked for (seconds, some 400 MB). Looks for the optional `@tensorflow/tfjs-node` first
 * where npm put it, then where `npm run setup:tensorflow` built it. Throws TinyfrontError 'missingTool' where neither has its binding.
 */
export async function tensorflowEngine(): Promise<Engine> {
  // Before TensorFlow starts: no banner about the CPU's features. A worker thread's `process.env` is a copy that C does not read.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  restoreIsNullOrUndefined()
  const reasons: unknown[] = []
  for (const from of [import.meta.url, builtHere]) {
    try {
      const tf = createRequire(from)('@tensorflow/tfjs-node') as Tf
      await tf.ready()
      return makeTensorflowEngine(tf)
    } catch (reason) {
      reasons.push(reason)
    }
  }
  throw missing(reasons)
}

/** Node 23 removed what tfjs-node 4.22 still calls. */
function restoreIsNullOrUndefined(): void {
  const old = util as { isNullOrUndefined?: (value: unknown) => boolean }
  old.isNullOrUndefined ??= (value) => value === null || value === undefined
}

const missing = (reasons: readonly unknown[]): TinyfrontError =>
  new TinyfrontError(
    'missingTool',
    `--engine tensorflow: @tensorflow/tfjs-node is not installed, or without its native binding`,
    `run \`npm --prefix ${packageRoot} run setup:tensorflow\` to build it (once), or use --engine wasm`,
    { cause: new AggregateError(reasons) },
  )
