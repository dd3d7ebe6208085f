import { elements, type Graph } from './graph.ts'

/**
 * When each tensor is alive, in TFLite-Micro's clock: the input exists at time 0, operator i runs at time i + 1.
 * So tensor t is born at time t; it dies at its last reader (or where it was born, if nobody reads it), the network's output at the end.
 * (tflite-micro, micro_allocation_info.cc. An operator's inputs and output overlap in time: nothing is computed in place.)
 */
export type Liveness = { readonly first: Int32Array; readonly last: Int32Array }

export function liveness(graph: Graph): Liveness {
  const n = graph.shapes.length
  const first = new Int32Array(n)
  const last = new Int32Array(n)
  fillLiveness(graph, first, last)
  return { first, last }
}

/** The same into arrays of the caller, which must hold as many entries as the graph has tensors. */
export function fillLiveness(graph: Graph, first: Int32Array, last: Int32Array): void {
  const { ops, shapes } = graph
  for (let t = 0; t < shapes.length; t++) first[t] = last[t] = t
  for (let i = 0; i < ops.length; i++) {
    const inputs = ops[i]!.inputs
    for (let k = 0; k < inputs.length; k++) last[inputs[k]!] = i + 1
  }
  last[shapes.length - 1] = ops.length
}

/** Bytes alive while each operator runs (index 0: before the first), int8 tensors, no alignment and no scratch. */
export function liveBytes(graph: Graph): Float64Array {
  const { first, last } = liveness(graph)
  const live = new Float64Array(graph.ops.length + 1)
  graph.shapes.forEach((shape, t) => {
    for (let time = first[t]!; time <= last[t]!; time++) live[time]! += elements(shape)
  })
  return live
}
