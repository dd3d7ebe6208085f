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
    births = new Int32Array(2 * count)
    deaths = new Int32Array(2 * count)
    beside = new Int32Array(2 * count)
  }
  sortBySize(size, count)
  let total = 0
  for (let k = 0; k < count; k++) {
    const id = order[k]!
    const bytes = size[id]!
    const from = first[id]!
    const to = last[id]!
    births[k] = from
    deaths[k] = to
    // those placed before that are alive at the same time, by offset; among equals the newcomer goes last, as in TFLM
    let n = 0
    for (let p = 0; p < k; p++) {
      // one branch for both ends: few lifetimes overlap, and a processor learns that
      if (((to - births[p]!) | (deaths[p]! - from)) < 0) continue
      const q = order[p]!
      let slot = n++
      while (slot > 0 && offset[beside[slot - 1]!]! > offset[q]!) {
        beside[slot] = beside[slot - 1]!
        slot--
      }
      beside[slot] = q
    }
    let start = 0
    for (let p = 0; p < n; p++) {
      const q = beside[p]!
      if (offset[q]! - start >= bytes) break
      start = Math.max(start, offset[q]! + size[q]!)
    }
    offset[id] = start
    total = Math.max(total, start + bytes)
  }
  return total
}

// work space of the planner, reused between calls: it is called tens of thousands of times a second. Lifetimes are by place in `order`.
let order = new Int32Array(256)
let births = new Int32Array(256)
let deaths = new Int32Array(256)
let beside = new Int32Array(256)

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
