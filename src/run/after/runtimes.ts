import type { Budget } from '../../device/cost.ts'
import { runtimesOn } from '../../device/load.ts'
import { price } from '../../device/predict.ts'
import type { Device, Target } from '../../device/schema.ts'
import { shortfalls } from '../../device/what-if.ts'
import type { Graph } from '../../graph/graph.ts'

/** What a network takes under one runtime on a board. */
export type RuntimePrice = {
  readonly target: string
  readonly name: string
  readonly latencyMs: number
  readonly ramBytes: number
  readonly flashBytes: number
  readonly fits: boolean
  /** The front was searched for this one. */
  readonly searched: boolean
  /** Why this one; at most one carries it. */
  readonly recommended?: string
}

/** A runtime that is this much slower than the fastest is not recommended for its memory. */
const slowest = 1.5

/**
 * The same network under every runtime that anybody can build for the board, and the one to take: of those that fit and are at most half as slow again as the
 * fastest, the one that takes the least share of the board's memory. Vendors' runtimes stand there only where the front was searched for one.
 */
export function runtimePrices(graph: Graph, target: Target, budget: Budget): RuntimePrice[] {
  const others = runtimesOn(target.device as Device).filter((t) => isOpen(t) && t.runtime.id !== target.runtime.id)
  const rows = [target, ...others].map((t): RuntimePrice => {
    const cost = price(graph, t)
    const { latencyMs, ramBytes, flashBytes } = cost
    const fits = shortfalls(cost, t, budget).length === 0
    return { target: t.id, name: t.runtime.name, latencyMs, ramBytes, flashBytes, fits, searched: t === target }
  })
  const fitting = rows.filter((row) => row.fits)
  const fastest = Math.min(...fitting.map((row) => row.latencyMs))
  const likely = fitting.filter((row) => row.latencyMs <= slowest * fastest)
  const share = (row: RuntimePrice) => row.ramBytes / budget.ramBytes + row.flashBytes / budget.flashBytes
  const best = likely.reduce<RuntimePrice | undefined>(
    (b, row) => (b === undefined || share(row) < share(b) ? row : b),
    undefined,
  )
  if (best === undefined || rows.length < 2) return rows
  const why =
    best.latencyMs === fastest && likely.length > 1
      ? 'the fastest, and it takes the least memory'
      : best.latencyMs === fastest
        ? 'the fastest by far'
        : 'the least memory, for at most half the time more'
  return rows.map((row) => (row === best ? { ...row, recommended: why } : row))
}

/** Runtimes whose sources are open: TensorFlow Lite Micro with its kernels for this core, and the C that `export` writes. */
const isOpen = ({ runtime }: Target): boolean => runtime.id.startsWith('tflm-') || runtime.id === 'tinyfront-c'
