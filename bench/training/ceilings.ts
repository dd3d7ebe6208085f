import { setTimeout } from 'node:timers/promises'
import asc from 'assemblyscript/asc'
import { loadKernels } from '../../src/util/wasm.ts'

/** What this machine gives one thread of WebAssembly, best of several short runs. */
export type Ceilings = {
  /** Multiply-adds of four lanes, a load for every fourth: the 128-bit peak. */
  readonly registerGflops: number
  /** The same with one 16-byte load from the first-level cache for each multiply-add. */
  readonly loadedGflops: number
  /** Reading far more than the caches hold. */
  readonly streamGbytes: number
}

declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: object }
}

/** Sums of products side by side: enough to hide the latency of an addition, and they fit V8's registers. */
const chains = 8
const backwards = Array.from({ length: chains }, (_, i) => chains - 1 - i)

/**
 * V8 moves what does not change out of a loop or into it anew, so one factor of each product is loaded every turn; it also emits products in the
 * order that lets loads and arithmetic alternate best when the last sum is written first (as the kernels do).
 */
const source = (relaxed: boolean): string => {
  const madd = (a: string, b: string, c: string) =>
    relaxed ? `f32x4.relaxed_madd(${a}, ${b}, ${c})` : `f32x4.add(f32x4.mul(${a}, ${b}), ${c})`
  const sums = backwards.map((i) => `a${i}`)
  const loop = (turn: string[]) => `
  ${sums.map((a) => `let ${a} = f32x4.splat(0.5)`).join('\n')}
  ${[0, 1, 2, 3].map((j) => `const w${j} = v128.load(65536, ${16 * j})`).join('\n')}
  for (let k = 0; k < n; k++) {
    const p: usize = 65536 + (<usize>(k & 63)) * ${16 * chains}
    ${turn.join('\n')}
  }
  return f32x4.extract_lane(${sums.reduce((s, a) => `f32x4.add(${s}, ${a})`)}, 0)`
  const four = (x: string, from: number) => [3, 2, 1, 0].map((j) => `a${from + j} = ${madd(x, `w${j}`, `a${from + j}`)}`)
  return `
export function registers(n: i32): f32 {
  ${loop(['const y = v128.load(p, 16)', ...four('y', 4), 'const x = v128.load(p)', ...four('x', 0)])}
}
export function loads(n: i32): f32 {
  ${loop(backwards.map((i) => `a${i} = ${madd(`v128.load(p, ${16 * i})`, `w${i % 4}`, `a${i}`)}`))}
}
export function stream(bytes: i32): f32 {
  let s = f32x4.splat(0)
  let t = s
  const end: usize = 131072 + <usize>bytes
  for (let p: usize = 131072; p < end; p += 64) {
    s = f32x4.add(f32x4.add(s, v128.load(p)), v128.load(p, 16))
    t = f32x4.add(f32x4.add(t, v128.load(p, 32)), v128.load(p, 48))
  }
  return f32x4.extract_lane(f32x4.add(s, t), 0)
}
`
}

const streamBytes = 128 << 20

/**
 * A meter of the ceilings: every call measures, and gives the highest of each so far. What was measured lower was measured beside a busy neighbour,
 * so calls that lie apart find a quiet moment.
 */
export async function ceilingMeter(relaxed: boolean): Promise<() => Ceilings> {
  loadKernels({ relaxed }) // teaches Node 20 relaxed SIMD
  const { binary, stderr } = await asc.compileString(source(relaxed), {
    runtime: 'stub',
    optimizeLevel: 3,
    noAssert: true,
    initialMemory: (streamBytes >> 16) + 4,
    enable: ['simd', ...(relaxed ? ['relaxed-simd'] : [])],
  })
  if (!binary) throw new Error(String(stderr))
  const { registers, loads, stream } = new WebAssembly.Instance(new WebAssembly.Module(binary)).exports as Record<
    'registers' | 'loads' | 'stream',
    (n: number) => number
  >
  const steps = 1e5
  for (let k = 0; k < 20; k++) [registers(steps), loads(steps), stream(1 << 20)]
  await setTimeout(500) // V8 compiles what is hot beside us
  const flops = steps * chains * 8
  let [registersMs, loadsMs, streamMs] = [Infinity, Infinity, Infinity]
  return () => {
    registersMs = Math.min(
      registersMs,
      best(() => registers(steps)),
    )
    loadsMs = Math.min(
      loadsMs,
      best(() => loads(steps)),
    )
    streamMs = Math.min(
      streamMs,
      best(() => stream(streamBytes), 21),
    )
    return {
      registerGflops: flops / registersMs / 1e6,
      loadedGflops: flops / loadsMs / 1e6,
      streamGbytes: streamBytes / streamMs / 1e6,
    }
  }
}

/** Milliseconds of the fastest of many short runs (a shared machine is quiet for moments). */
function best(run: () => number, runs = 2000): number {
  let least = Infinity
  for (let k = 0; k < runs; k++) {
    const start = performance.now()
    run()
    least = Math.min(least, performance.now() - start)
  }
  return least
}
