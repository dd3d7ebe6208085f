import type { Graph } from '../../src/graph/graph.ts'
import type { FloatKernels } from '../../src/train/wasm/kernels.ts'
import { createTrainer } from '../../src/train/wasm/trainer.ts'
import { createWorkspace } from '../../src/train/wasm/workspace.ts'
import type { KernelKind } from '../../src/util/native.ts'
import type { Ceilings } from './ceilings.ts'
import { benchBatch, benchOptions } from './contenders.ts'

/**
 * Work of one call: multiply-adds as floating-point operations, the operations of batch norm and activation that are recomputed on the way, and bytes
 * of the tensors it reads and writes, each once.
 */
type Work = { readonly flops: number; readonly norm: number; readonly bytes: number }
type Args = readonly number[]
/** How the multiply-adds are fed: operands mostly in registers, or a load for nearly every one. */
type Feed = 'registers' | 'loads'
type Counted = { readonly feed: Feed; work(args: Args): Work }

/** Operations a value: an affine and two clamps; sum and square of an output; gradient of norm and mask; its sums at the layer before. */
const [applied, summed, differentiated, reduced] = [4, 3, 8, 9]

/** Counts of the kernels of `assembly/float`, by the order of their arguments (src/train/wasm/kernels.ts). */
const counted: Partial<Record<keyof FloatKernels, Counted>> = {
  matrixForward: { feed: 'registers', work: (a) => forward(products(a), a[0]! * a[1]!, a[0]! * a[2]!, a[4]!, a[8]!) },
  matrixBackward: { feed: 'registers', work: (a) => backward(products(a), a[0]! * a[1]!, a[0]! * a[2]!, a[9]!, a[13]!, a[14]!) },
  convForward: { feed: 'registers', work: (a) => forward(...convolution(a), a[18]!, a[22]!) },
  convBackward: { feed: 'registers', work: (a) => backward(...convolution(a), a[23]!, a[27]!, a[28]!) },
  depthwiseForward: { feed: 'loads', work: (a) => forward(...depthwise(a), a[15]!, a[19]!) },
  depthwiseBackward: { feed: 'loads', work: (a) => backward(...depthwise(a), a[20]!, a[24]!, a[25]!) },
  normReduce: { feed: 'loads', work: ([m, c]) => ({ flops: 0, norm: reduced * m! * c!, bytes: 8 * m! * c! }) },
  normApply: { feed: 'loads', work: ([m, c]) => ({ flops: 0, norm: applied * m! * c!, bytes: 8 * m! * c! }) },
  addForward: { feed: 'loads', work: ([m, c]) => ({ flops: 0, norm: (1 + applied) * m! * c!, bytes: 12 * m! * c! }) },
}

const products = ([m, n, k]: Args): number => m! * n! * k!

/** count, H, W, C, CS, kh, kw, sh, sw, top, left, HP, WP, OH, OW, N, ...: products, values of the output and of the input. */
function convolution(a: Args): [number, number, number] {
  const [count, h, w, c, stored, kh, kw] = a as [number, number, number, number, number, number, number]
  const outputs = count * a[13]! * a[14]! * a[15]!
  return [outputs * kh * kw * c, outputs, count * h * w * stored]
}

/** count, H, W, C, kh, kw, sh, sw, top, left, HP, WP, OH, OW, ... */
function depthwise(a: Args): [number, number, number] {
  const [count, h, w, c, kh, kw] = a as [number, number, number, number, number, number]
  const outputs = count * a[12]! * a[13]! * c
  return [outputs * kh * kw, outputs, count * h * w * c]
}

const forward = (macs: number, outputs: number, inputs: number, inAffine: number, sums: number): Work => ({
  flops: 2 * macs,
  norm: (inAffine ? applied * inputs : 0) + (sums ? summed * outputs : 0),
  bytes: 4 * (outputs + inputs),
})

const backward = (macs: number, outputs: number, inputs: number, inAffine: number, dx: number, inSums: number): Work => ({
  flops: (dx ? 4 : 2) * macs,
  norm: differentiated * outputs + (inAffine ? applied * inputs : 0) + (inSums ? reduced * inputs : 0),
  bytes: 4 * (2 * outputs + (dx ? 2 : 1) * inputs),
})

export type KernelShare = {
  readonly name: string
  readonly ms: number
  /** Multiply-adds alone. */
  readonly gflops: number
  /** Of the 128-bit peak in registers. */
  readonly ofPeak: number
  /** Multiply-adds, batch norm and activation together. */
  readonly ofPeakWithNorm: number
  /** The ceiling that this work meets first, and how near it came. */
  readonly limit: string
}

/** Fastest time of every kernel over some steps, each kernel's calls of a step summed; the smallest are left out. */
export function kernelShares(
  graph: Graph,
  batch: number,
  build: { fastMath: boolean; kernels: KernelKind },
  ceilings: Ceilings,
  steps: number,
): KernelShare[] {
  const workspace = createWorkspace(build.fastMath, build.kernels === 'native')
  const spent = new Map<string, Spent>()
  const timed = Object.fromEntries(
    Object.entries(workspace.k).map(([name, kernel]) => [
      name,
      typeof kernel !== 'function'
        ? kernel
        : (...args: number[]) => {
            const start = performance.now()
            const result = (kernel as (...a: number[]) => number)(...args)
            const ms = performance.now() - start
            const work = counted[name as keyof FloatKernels]?.work(args) ?? nothing
            const sum = spent.get(name) ?? { ...nothing, ms: 0 }
            spent.set(name, {
              ms: sum.ms + ms,
              flops: sum.flops + work.flops,
              norm: sum.norm + work.norm,
              bytes: sum.bytes + work.bytes,
            })
            return result
          },
    ]),
  ) as unknown as FloatKernels
  const trainer = createTrainer({ ...workspace, k: timed }, graph, benchOptions(batch))
  const examples = benchBatch(graph, batch)
  const least = new Map<string, Spent>()
  for (let k = 0; k < steps + 3; k++) {
    spent.clear()
    trainer.step(examples, { learningRate: 0.01 })
    if (k < 3) continue
    for (const [name, sum] of spent) if (sum.ms < (least.get(name)?.ms ?? Infinity)) least.set(name, sum)
  }
  trainer.dispose()
  const whole = [...least.values()].reduce((sum, { ms }) => sum + ms, 0)
  return [...least]
    .filter(([, { ms }]) => ms > 0.02 * whole)
    .sort(([, a], [, b]) => b.ms - a.ms)
    .map(([name, spent]) => {
      const { ms, flops, norm } = spent
      const peak = ms * 1e6 * ceilings.registerGflops
      return {
        name,
        ms,
        gflops: flops / ms / 1e6,
        ofPeak: flops / peak,
        ofPeakWithNorm: (flops + norm) / peak,
        limit: limitOf(counted[name as keyof FloatKernels]?.feed, spent, ceilings),
      }
    })
}

type Spent = Work & { readonly ms: number }
const nothing: Work = { flops: 0, norm: 0, bytes: 0 }

/** Which ceiling would take longest for this work if nothing else did. Batch norm loads what it computes on. */
function limitOf(feed: Feed | undefined, { ms, flops, norm, bytes }: Spent, ceilings: Ceilings): string {
  if (!feed) return 'moves data'
  const inRegisters = feed === 'registers' ? flops : 0
  const arithmetic = inRegisters / ceilings.registerGflops + (flops - inRegisters + norm) / ceilings.loadedGflops
  const memory = bytes / ceilings.streamGbytes
  const reached = `${((100 * Math.max(arithmetic, memory)) / 1e6 / ms).toFixed(0)} % of it`
  if (memory > arithmetic) return `memory, ${reached}`
  return `${feed === 'registers' ? 'arithmetic' : 'loads from L1'}, ${reached}`
}
