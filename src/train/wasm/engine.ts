import type { Graph } from '../../graph/graph.ts'
import { sha256 } from '../../util/hash.ts'
import type { KernelKind } from '../../util/native.ts'
import { kernelBytes } from '../../util/wasm.ts'
import type { Engine, MemoryOptions } from '../engine.ts'
import { planLayout } from './layout.ts'
import { createTrainer } from './trainer.ts'
import { createWorkspace, type Workspace } from './workspace.ts'

type Build = { readonly fastMath?: boolean; readonly kernels?: KernelKind }

/** One workspace per thread and build, whatever the number of engines: memory is reused from candidate to candidate. */
const workspaces = new Map<string, Workspace>()

function workspaceOf({ fastMath = false, kernels = 'wasm' }: Build): Workspace {
  const key = `${kernels} ${fastMath}`
  const known = workspaces.get(key) ?? createWorkspace(fastMath, kernels === 'native')
  workspaces.set(key, known)
  return known
}

/**
 * The product's own engine: SIMD kernels compiled from AssemblyScript, or their native twins, memory and schedule planned here.
 * The same bits with both and on every machine, unless `fastMath` lets the CPU fuse multiply and add.
 */
export const wasmEngine = (build: Build = {}): Engine => ({
  name: 'wasm',
  create: (graph, options) => createTrainer(workspaceOf(build), graph, options),
  memoryBytes,
})

/** Exact: the memory plan itself. The values of int8 grids take no part in it. */
function memoryBytes(graph: Graph, { batchSize, dropout = 0, int8Aware = false }: MemoryOptions): number {
  const fakeInt8 = int8Aware ? { fakeInt8: graph.shapes.map(() => ({ scale: 1, zeroPoint: 0 })) } : {}
  return planLayout(graph, batchSize, 0, { dropout, ...fakeInt8 }).bytes
}

/** SHA-256 of the kernels: part of a study's identity, since other kernels may round differently. */
export const wasmHash = ({ fastMath = false }: { fastMath?: boolean } = {}): string => sha256(kernelBytes(fastMath))

/** Bytes that this thread's engine holds, growing to the largest network so far. */
export const engineMemoryBytes = (build: Build = {}): number => workspaceOf(build).bytes
