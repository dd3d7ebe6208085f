import asc from 'assemblyscript/asc'
import { loadKernels } from '../../src/util/wasm.ts'

/** What this machine gives one thread of WebAssembly, best of several short runs. */
export type Ceilings = {
  /** Multiply-adds of four lanes in registers, nothing loaded: the 128-bit peak. */
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

const chains = 12
const each = (text: (i: number) => string): string => Array.from({ length: chains }, (_, i) => text(i)).join('\n')

/** Twelve independent chains hide the latency of multiplication and addition (8 cycles) behind two units, and fit V8's registers. */
const source = (relaxed: boolean): string => {
  const madd = (a: string, b: string, c: string) =>
    relaxed ? `f32x4.relaxed_madd(${a}, ${b}, ${c})` : `f32x4.add(f32x4.mul(${a}, ${b}), ${c})`
  const loop = (step: (i: number) => string, before = '') => `
  const m = f32x4.splat(0.999)
  ${each((i) => `let a${i} = f32x4.splat(${i}.5)`)}
  for (let k = 0; k < n; k++) {
    ${before}
    ${each(step)}
  }
  return f32x4.extract_lane(${Array.from({ length: chains }, (_, i) => `a${i}`).reduce((s, a) => `f32x4.add(${s}, ${a})`)}, 0)`
  return `
export function registers(n: i32): f32 {
  const c = f32x4.splat(0.001)
  ${loop((i) => `a${i} = ${madd(`a${i}`, 'm', 'c')}`)}
}
export function loads(n: i32): f32 {
  ${loop((i) => `a${i} = ${madd(`v128.load(p, ${16 * i})`, 'm', `a${i}`)}`, `const p: usize = 65536 + (<usize>(k & 63)) * ${16 * chains}`)}
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

export async function measureCeilings(relaxed: boolean): Promise<Ceilings> {
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
  const steps = 2e6
  const flops = steps * chains * 8
  return {
    registerGflops: flops / best(() => registers(steps)) / 1e6,
    loadedGflops: flops / best(() => loads(steps)) / 1e6,
    streamGbytes: streamBytes / best(() => stream(streamBytes)) / 1e6,
  }
}

/** Milliseconds of the fastest of several runs, the first of which lets V8 compile. */
function best(run: () => number): number {
  let least = Infinity
  for (let k = 0; k < 21; k++) {
    const start = performance.now()
    run()
    if (k > 1) least = Math.min(least, performance.now() - start)
  }
  return least
}
