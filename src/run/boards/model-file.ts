import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { readTfliteLayers } from '../../export/tflite-read.ts'
import type { Graph } from '../../graph/graph.ts'
import { structureGraph, structureSchema } from '../../graph/structure.ts'
import { usageError } from '../../util/errors.ts'
import { faultText } from '../../util/faults.ts'
import { readJson } from '../../util/json-file.ts'

/** `dtype`: what the file computes in; predictions are for int8 whatever it is. `bytes`: of an int8 file, which is flashed as it is. */
export type ModelFile = { readonly name: string; readonly graph: Graph; readonly dtype: string; readonly bytes?: number }

/** The network of an int8 or float .tflite file, or of a layer structure (.json). */
export function readModelFile(file: string): ModelFile {
  if (file.endsWith('.json')) return readStructureFile(file)
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw usageError(
      `${file}: cannot be read: ${faultText(cause)}`,
      'give the path of a .tflite file, or of a layer structure (.json)',
      cause,
    )
  }
  const layers = readTfliteLayers(bytes, file)
  return { name: basename(file), ...layers, ...(layers.dtype === 'int8' ? { bytes: bytes.length } : {}) }
}

/** Layers without weights, as `graph/structure.ts` describes them. */
export function readStructureFile(file: string): ModelFile {
  const structure = readJson(file, structureSchema, 'layer structure')
  try {
    return { name: basename(file), graph: structureGraph(structure), dtype: structure.dtype ?? 'int8' }
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw usageError(
      `${file}: ${cause.message}`,
      'describe it with the operators of docs/devices.md, or leave the layer out',
      cause,
    )
  }
}
