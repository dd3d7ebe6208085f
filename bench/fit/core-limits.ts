/**
 * What a core can do at all, whatever a fit says: cycles per int8 multiply-accumulate at its peak, by the instructions that kernels use. `speed` is how
 * many cycles it takes for the same instructions as a Cortex-M4, where the fit begins: M7, M33 and M55 from boards timed under CMSIS-NN, M0+ from CoreMark
 * per MHz, the others guessed. The documents named as sources were not at hand: all of these are unverified.
 */
type Core = {
  readonly isa: 'arm' | 'xtensa' | 'riscv' | 'rx'
  /** cycles relative to a Cortex-M4 */
  readonly speed: number
  /** fewest cycles per multiply-accumulate: in plain C, with 2 x 16-bit instructions, with vectors */
  readonly scalar: number
  readonly dsp?: number
  readonly vector?: number
  readonly source: string
}

const cores: Readonly<Record<string, Core>> = {
  'cortex-m0plus': {
    isa: 'arm',
    speed: 1.39,
    scalar: 2,
    source: 'Cortex-M0+ TRM: MULS takes 1 cycle (or 32), ADDS 1, there is no multiply-accumulate',
  },
  'cortex-m4': { isa: 'arm', speed: 1, scalar: 1, dsp: 0.5, source: 'Cortex-M4 TRM: MLA and SMLAD take 1 cycle' },
  'cortex-m33': {
    isa: 'arm',
    speed: 0.81,
    scalar: 1,
    dsp: 0.5,
    source: 'Cortex-M33 TRM: SMLAD 1 cycle, limited dual issue of 16-bit pairs',
  },
  'cortex-m7': {
    isa: 'arm',
    speed: 0.62,
    scalar: 1,
    dsp: 0.5,
    source: 'Cortex-M7 (Hot Chips 2014): two instructions a cycle, of which one multiply-accumulate',
  },
  'cortex-m55': {
    isa: 'arm',
    speed: 0.64,
    scalar: 0.5,
    dsp: 0.5,
    vector: 1 / 8,
    source: 'Cortex-M55 data sheet: Helium, up to 8 int8 multiply-accumulates a cycle',
  },
  'cortex-m85': {
    isa: 'arm',
    speed: 0.55,
    scalar: 0.5,
    dsp: 0.25,
    vector: 1 / 8,
    source: 'Cortex-M85 data sheet: Helium, up to 8 int8 multiply-accumulates a cycle; two instructions a cycle',
  },
  'xtensa-lx6': {
    isa: 'xtensa',
    speed: 1.3,
    scalar: 1,
    source: 'Xtensa ISA: MAC16 option, one 16 x 16 multiply-accumulate a cycle',
  },
  'xtensa-lx7': {
    isa: 'xtensa',
    speed: 1.1,
    scalar: 1,
    vector: 1 / 16,
    source: 'ESP32-S3 TRM, processor instruction extensions: EE.VMULAS.S8, 16 products a cycle',
  },
  'riscv-rv32imc': { isa: 'riscv', speed: 1.1, scalar: 2, source: 'one instruction a cycle, multiply and add are two' },
  'riscv-rv32imac': { isa: 'riscv', speed: 1.1, scalar: 2, source: 'one instruction a cycle, multiply and add are two' },
  'riscv-rv32imafc': {
    isa: 'riscv',
    speed: 1,
    scalar: 1,
    vector: 1 / 16,
    source: 'ESP32-P4 TRM, processor instruction extensions: 16 int8 products a cycle',
  },
  rxv2: { isa: 'rx', speed: 0.9, scalar: 1, source: 'RXv2 software manual: MACLO 1 cycle; two instructions a cycle at most' },
}

/** A core that is not in the table can do no more than the best of the table and no less than plain C on the simplest. */
const unknown: Core = { isa: 'arm', speed: 1, scalar: 0.5, dsp: 0.25, vector: 1 / 16, source: 'bounds of all cores together' }

export const coreNames: readonly string[] = Object.keys(cores)
export const coreOf = (core: string): Core => cores[core] ?? unknown

export type KernelSet = 'scalar' | 'dsp' | 'vector'

/** The instructions of the kernels that a latency formula counts. */
export const kernelSet = (formula: string): KernelSet =>
  formula.includes('-mve') ? 'vector' : formula.includes('-dsp') ? 'dsp' : 'scalar'

/**
 * Most cycles per multiply-accumulate in a layer of many of them: in plain C twice the slowest that was published (160, convolutions on RX65N; 137 on
 * ESP32); for the others wide bounds, several times what CMSIS-NN takes for depthwise convolutions.
 */
const most: Readonly<Record<KernelSet, number>> = { scalar: 320, dsp: 30, vector: 25 }

/** Fewest and most cycles per multiply-accumulate of a kernel set on a core. A price outside is a mistake of a fit. */
export function macRange(core: string, formula: string): { readonly fewest: number; readonly most: number } {
  const set = kernelSet(formula)
  const limits = coreOf(core)
  return { fewest: limits[set] ?? limits.dsp ?? limits.scalar, most: most[set] }
}

/** What an operator may cost beside its products: requantisation, exponentials and copies by element, and the call. Wide bounds: softmax in C on ESP32 comes to some 5,000 an element. */
export const mostCycles = { element: 20_000, operator: 50_000 }

/**
 * Boards whose chips are one design: same core, caches and memories, other peripherals or packages. What was timed on one is known of the others.
 * From the makers' data sheets (families of one reference manual).
 */
const sisters: readonly (readonly string[])[] = [
  ['stm32h743', 'stm32h747', 'stm32h750'],
  ['stm32u575', 'stm32u585'],
  ['stm32f767', 'stm32f769'],
  ['stm32l4r5', 'stm32l4r9'],
  ['stm32l476', 'stm32l496'],
  ['stm32f412', 'stm32f413'],
  ['stm32f446', 'stm32f469'],
  ['stm32f401', 'stm32f411'],
  ['nrf52832', 'nrf52840'],
  ['ra8d1', 'ra8m1'],
]

/** Name of the design that a device shares with its sisters; its own where it has none. */
export const designOf = (device: string): string => sisters.find((s) => s.includes(device))?.[0] ?? device
