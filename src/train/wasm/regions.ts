/** Hands out byte ranges of one address space, first fit; freed ranges are handed out again. All sizes are rounded up to 64 bytes. */
export type Regions = {
  take(bytes: number): number
  give(address: number, bytes: number): void
  /** First byte above everything ever taken. */
  readonly end: number
}

export const align64 = (bytes: number): number => Math.ceil(bytes / 64) * 64

export function createRegions(start = 0): Regions {
  let end = align64(start)
  let holes: { at: number; bytes: number }[] = []
  return {
    take(bytes) {
      const size = align64(bytes)
      const hole = holes.find((h) => h.bytes >= size)
      if (hole) {
        const { at } = hole
        hole.at += size
        hole.bytes -= size
        if (hole.bytes === 0) holes = holes.filter((h) => h !== hole)
        return at
      }
      const last = holes.at(-1)
      const at = last && last.at + last.bytes === end ? last.at : end
      if (last && at === last.at) holes.pop()
      end = at + size
      return at
    },
    give(address, bytes) {
      holes.push({ at: address, bytes: align64(bytes) })
      holes.sort((a, b) => a.at - b.at)
      holes = holes.reduce<{ at: number; bytes: number }[]>((merged, h) => {
        const last = merged.at(-1)
        if (last && last.at + last.bytes === h.at) last.bytes += h.bytes
        else merged.push(h)
        return merged
      }, [])
    },
    get end() {
      return end
    },
  }
}
