/** Buffers to place: `size[i]` bytes, alive from `first[i]` to `last[i]` inclusive; entries from `count` on are ignored. */
export type Buffers = {
  readonly count: number
  readonly size: Int32Array
  readonly first: Int32Array
  readonly last: Int32Array
}

/**
 * TFLite-Micro's GreedyMemoryPlanner: largest buffer first (equal sizes: the higher index first), each into the lowest gap between the
 * buffers already placed whose lifetimes overlap with it. Fills `offset` and returns the high-water mark.
 * Sizes are taken as they are: round them up before, where the runtime does.
 */
export function greedyPlan({ count, size, first, last }: Buffers, offset: Int32Array): number {
  if (order.length < count) {
    order = new Int32Array(2 * count)
    placed = new Int32Array(2 * count)
  }
  sortBySize(size, count)
  let total = 0
  for (let k = 0; k < count; k++) {
    const id = order[k]!
    const bytes = size[id]!
    const from = first[id]!
    const to = last[id]!
    let start = 0
    let end = 0
    for (let p = 0; p < k; p++) {
      const q = placed[p]!
      if (first[q]! > to || last[q]! < from) continue
      if (offset[q]! - start >= bytes) break
      end = offset[q]! + size[q]!
      if (end > start) start = end
    }
    offset[id] = start
    // the list stays ordered by offset; among equals the newcomer goes last, as in TFLM
    let slot = k
    while (slot > 0 && offset[placed[slot - 1]!]! > start) {
      placed[slot] = placed[slot - 1]!
      slot--
    }
    placed[slot] = id
    if (start + bytes > total) total = start + bytes
  }
  return total
}

// work space of the planner, reused between calls: it is called tens of thousands of times a second
let order = new Int32Array(256)
let placed = new Int32Array(256)

/**
 * `order` = ids by descending size, equal sizes by descending id (TFLM fills its list backwards and sorts it stably). Insertion sort from the
 * first id on: activations of a network mostly shrink, so that each finds its place at once.
 */
function sortBySize(size: Int32Array, count: number): void {
  for (let id = 0; id < count; id++) {
    const bytes = size[id]!
    let slot = id
    while (slot > 0 && size[order[slot - 1]!]! <= bytes) {
      order[slot] = order[slot - 1]!
      slot--
    }
    order[slot] = id
  }
}
