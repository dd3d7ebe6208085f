import type { Graph } from '../graph/graph.ts'

/**
 * `make` with a memory of one network. Boards are priced in turn for one network after the other, so that whatever depends on the network alone is
 * computed once and a further board costs next to nothing. Graphs are immutable: the same graph has the same answer.
 */
export function ofLast<T>(make: (graph: Graph) => T): (graph: Graph) => T {
  let last: Graph | undefined
  let value: T
  return (graph) => {
    if (graph !== last) {
      last = undefined // `make` may throw after it has overwritten what it reuses
      value = make(graph)
      last = graph
    }
    return value
  }
}
