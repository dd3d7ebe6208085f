/** A Cortex-M core that QEMU 7.2 and later emulate, on one of its boards, with our own memory layout. */
export type Core = {
  readonly machine: string
  /** further arguments of QEMU */
  readonly machineArgs: readonly string[]
  readonly compilerFlags: readonly string[]
  /** address and bytes of code, of data, and of the region that receives the test inputs */
  readonly code: readonly [address: number, bytes: number]
  readonly ram: readonly [address: number, bytes: number]
  readonly inputs: readonly [address: number, bytes: number]
  /** clock of SysTick: with `-icount shift=s` one instruction takes 2^s ns */
  readonly sysTickMhz: number
}

const MiB = 1 << 20

export const cores = {
  'cortex-m0': {
    machine: 'microbit',
    machineArgs: ['-global', 'nrf51-soc.sram-size=4194304', '-global', 'nrf51-soc.flash-size=2097152'],
    compilerFlags: ['-mcpu=cortex-m0', '-mthumb'],
    code: [0x0000_0000, 2 * MiB],
    ram: [0x2000_0000, 2 * MiB],
    inputs: [0x2020_0000, 2 * MiB],
    sysTickMhz: 16,
  },
  'cortex-m3': {
    machine: 'mps2-an385',
    machineArgs: [],
    compilerFlags: ['-mcpu=cortex-m3', '-mthumb'],
    code: [0x0000_0000, 4 * MiB],
    ram: [0x2000_0000, 4 * MiB],
    inputs: [0x2100_0000, 16 * MiB],
    sysTickMhz: 25,
  },
  'cortex-m4': {
    machine: 'mps2-an386',
    machineArgs: [],
    compilerFlags: ['-mcpu=cortex-m4', '-mthumb', '-mfloat-abi=hard', '-mfpu=fpv4-sp-d16'],
    code: [0x0000_0000, 4 * MiB],
    ram: [0x2000_0000, 4 * MiB],
    inputs: [0x2100_0000, 16 * MiB],
    sysTickMhz: 25,
  },
  'cortex-m7': {
    machine: 'mps2-an500',
    machineArgs: [],
    compilerFlags: ['-mcpu=cortex-m7', '-mthumb', '-mfloat-abi=hard', '-mfpu=fpv5-d16'],
    code: [0x0000_0000, 4 * MiB],
    ram: [0x2000_0000, 4 * MiB],
    inputs: [0x6000_0000, 16 * MiB],
    sysTickMhz: 25,
  },
  'cortex-m33': {
    machine: 'mps2-an505',
    machineArgs: [],
    compilerFlags: ['-mcpu=cortex-m33', '-mthumb', '-mfloat-abi=hard', '-mfpu=fpv5-sp-d16'],
    code: [0x1000_0000, 4 * MiB],
    ram: [0x3800_0000, 4 * MiB],
    inputs: [0x8000_0000, 16 * MiB],
    sysTickMhz: 20,
  },
  'cortex-m55': {
    machine: 'mps3-an547',
    machineArgs: [],
    compilerFlags: ['-mcpu=cortex-m55', '-mthumb', '-mfloat-abi=hard'],
    code: [0x0000_0000, MiB / 2],
    ram: [0x2100_0000, 2 * MiB],
    // the secure alias of the board's DDR
    inputs: [0x7000_0000, 64 * MiB],
    sysTickMhz: 32,
  },
} as const satisfies Record<string, Core>

export type CoreName = keyof typeof cores
export const coreNames = Object.keys(cores) as CoreName[]

/** The emulated core that executes what a device's core executes, or undefined where QEMU has none (Xtensa, RISC-V, RX). */
export function emulatedCore(deviceCore: string): CoreName | undefined {
  const near: Readonly<Record<string, CoreName>> = {
    'cortex-m0+': 'cortex-m0',
    'cortex-m0plus': 'cortex-m0',
    'cortex-m85': 'cortex-m55',
  }
  return coreNames.find((name) => name === deviceCore) ?? near[deviceCore]
}
